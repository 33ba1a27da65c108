#pragma once

#include <vector>

#include "app/studio/steer/interval_plot.h"
#include "app/studio/steer/paired_run.h"
#include "app/studio/steer/text_table.h"

namespace switchyard::studio {

// The numbers of an evaluation as they are read; pure. `outcome` null: not run yet.

/// B - A, and the matched random control: points for right answers, else nats of loss.
std::vector<IntervalRow> intervalRows(const PairedOutcome* outcome);
/// "McNemar exact p = 0.012"
QString testText(const PairedOutcome& outcome);
/// Right and wrong, A by B; empty for losses.
void showFourfold(TextTable& table, const PairedOutcome& outcome);
/// Right answers (or mean loss) of A and B by kind, then of all.
void showKinds(TextTable& table, const PairedOutcome& outcome);
/// kind, problems, a, b
QString kindsCsv(const PairedOutcome& outcome);

} // namespace switchyard::studio
