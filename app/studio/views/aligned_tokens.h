#pragma once

#include <vector>

#include <QAbstractScrollArea>
#include <QStringList>

namespace switchyard::studio {

/// A text as its tokens, each underlined by a number in [0, 1]: the agreement of two models. Text
/// wraps; leading blanks stay, line feeds are shown as a glyph and end their line.
class AlignedTokens : public QAbstractScrollArea {
  Q_OBJECT
public:
  explicit AlignedTokens(QWidget* parent = nullptr);
  /// As many values as tokens.
  void setTokens(QStringList tokens, std::vector<float> values);
  int tokenAt(const QPoint& at) const; ///< in viewport coordinates; -1: none
  int tokens() const { return static_cast<int>(m_tokens.size()); }
  QString describe(int token) const; ///< "token 3 "the" · agreement 0.75, mean of layers"
  QRectF tokenRect(int token) const; ///< in viewport coordinates

Q_SIGNALS:
  void tokenChosen(int index);

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  bool viewportEvent(QEvent* event) override;

private:
  void layoutTokens();
  QStringList m_tokens;
  std::vector<float> m_values;
  std::vector<QRectF> m_places; ///< from the top of the text
};

} // namespace switchyard::studio
