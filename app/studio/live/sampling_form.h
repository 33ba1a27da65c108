#pragma once

#include <QFrame>

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// A small window with what the tool bar has no room for: temperature, top-k, top-p, min-p,
/// repetition penalty, limit, end of text. Changes count for the next text.
class SamplingForm : public QFrame {
  Q_OBJECT
public:
  SamplingForm(Player& player, QWidget* parent);
};

} // namespace switchyard::studio
