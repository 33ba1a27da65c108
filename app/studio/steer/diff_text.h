#pragma once

#include <vector>

#include <QAbstractScrollArea>

class QPainter;

namespace switchyard::studio {

/// A piece of text, marked where it differs.
struct DiffPiece {
  QString text; ///< line feeds as "⏎"
  bool differs = false;
};

/// Paints pieces on one line; stops at the right end. Differing ones have the fill and a 2 px
/// underline in `pin`.
void paintPieces(QPainter& painter, const QRect& area, const std::vector<DiffPiece>& pieces);

/// Generated text, wrapped between tokens, differing tokens marked. Ctrl+C copies it.
class DiffText : public QAbstractScrollArea {
  Q_OBJECT
public:
  explicit DiffText(const QString& name, QWidget* parent = nullptr);

  void setPieces(std::vector<DiffPiece> pieces);
  const std::vector<DiffPiece>& pieces() const { return m_pieces; }
  /// Where a piece is, in the viewport.
  QRect pieceRect(std::size_t piece) const;
  QString text() const;

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

private:
  void layOut();

  std::vector<DiffPiece> m_pieces;
  std::vector<QRect> m_places; ///< in the content
};

} // namespace switchyard::studio
