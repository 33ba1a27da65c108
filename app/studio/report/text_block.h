#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QColor>
#include <QFont>
#include <QPainter>
#include <QString>
#include <QTextLayout>

namespace switchyard::studio {

/// Text of anybody as it may be drawn: bytes that are not UTF-8 as U+FFFD, characters that turn the
/// direction of writing or have no picture as "[U+202E]". It is never read as rich text.
QString drawable(const std::string& text);

/// Plain text broken into the lines of a width. A value; copies share the lines.
class TextBlock {
public:
  /// `mostLines` > 0: what does not fit ends in an ellipsis.
  TextBlock(const QString& text, const QFont& font, double width,
            Qt::Alignment alignment = Qt::AlignLeft, int mostLines = 0);

  int lines() const { return static_cast<int>(m_ends.size()); }
  double height() const { return m_ends.empty() ? 0 : m_ends.back(); }
  double lineTop(int line) const {
    return line == 0 ? 0 : m_ends[static_cast<std::size_t>(line - 1)];
  }
  double lineBottom(int line) const { return m_ends[static_cast<std::size_t>(line)]; }
  /// The widest line.
  double naturalWidth() const { return m_natural; }
  /// Draws lines [first, end) with the top of line `first` at `at`.
  void paint(QPainter& painter, const QPointF& at, const QColor& ink, int first = 0,
             int end = -1) const;

private:
  std::shared_ptr<QTextLayout> m_layout;
  std::vector<double> m_ends; ///< bottom of each line
  double m_natural = 0;
};

} // namespace switchyard::studio
