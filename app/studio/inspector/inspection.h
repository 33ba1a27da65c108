#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <QObject>

#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// A cell of a figure, or a result as a whole, as the inspector shows it. Text only: who shows a
/// figure writes it down when the cell is chosen, so it stays true when the figure goes on.
struct Inspected {
  QString title{};  ///< "L5 E19", "ru → L5 E30", "Load"
  QString source{}; ///< figure or trace it is of
  std::vector<std::pair<QString, QString>>
      rows{}; ///< "load", "0.24×"; "95 % interval", "[0.17, 0.32]"
  QString formula{};
  QString command{}; ///< the line that makes it; empty: none
  friend bool operator==(const Inspected&, const Inspected&) = default;
};

/// The numbers of one result: headlines with intervals, tokens and documents, warnings.
Inspected inspectedResult(const Item& item);

/// What was inspected last. One for each workbench. GUI thread.
class Inspection : public QObject {
  Q_OBJECT
public:
  static Inspection& of(Workbench& workbench);

  const std::optional<Inspected>& shown() const { return m_shown; }
  void show(Inspected inspected);
  void clear();

Q_SIGNALS:
  void changed();

private:
  explicit Inspection(Workbench& workbench);
  std::optional<Inspected> m_shown;
};

} // namespace switchyard::studio
