#pragma once

#include <QLabel>

namespace switchyard::studio {

/// One line of plain text that takes the room there is and ends in "…" where that is too little;
/// the tooltip then has all of it. text() and what is read aloud are always whole.
class ElidedLabel : public QLabel {
  Q_OBJECT
public:
  explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr);

  /// Whether a part of the text does not fit.
  bool isCut() const;

protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
};

} // namespace switchyard::studio
