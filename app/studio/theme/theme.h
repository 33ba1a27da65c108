#pragma once

#include <QBrush>
#include <QFont>
#include <QObject>
#include <QPalette>

#include "app/studio/theme/tokens.h"

namespace switchyard::studio {

class SystemScheme;

enum class ThemeChoice { System, Light, Dark };

/// Sizes of studio.md section 3, in px at UI scale 100 %.
enum class TextSize {
  StartTitle = 22,
  InspectorTitle = 15,
  Base = 13,
  Control = 12,
  Note = 11,
  Tick = 10
};
enum class TextWeight { Normal = 400, Title = 500, Heading = 600 };

/// Colours, fonts and sizes of the running application: one per QApplication, GUI thread only.
/// Painting code asks it each time and repaints on changed(); nothing else holds a colour.
class Theme : public QObject {
  Q_OBJECT
public:
  /// The application's theme; made (and owned by qApp) on first use.
  static Theme& instance();

  QColor color(Ink ink) const;
  QColor categorical(int index) const; ///< index modulo 8; a name or position always goes with it
  const ColorMap& sequential() const;
  const ColorMap& diverging() const;
  Shade shade() const { return m_shade; }
  bool isDark() const { return m_shade == Shade::Dark; }

  /// Ground of cells without data: 45 degree hatch of 6 px.
  QBrush noDataBrush() const;
  /// Flat ground of cells that a filter left out; outlined 1 px with Ink::FilteredLine.
  QBrush filteredOutBrush() const;

  QFont font(TextSize size = TextSize::Base, TextWeight weight = TextWeight::Normal) const;
  QFont mono(TextSize size = TextSize::Base) const;
  /// The fixed-width font for a piece of text. ASCII gets no ligatures: "<|" is two characters.
  QFont pieceFont(const QString& piece, TextSize size = TextSize::Control) const;
  /// Logical pixels at the present UI scale, rounded; at least 1 for positive input.
  int px(double atFullScale) const;
  QPalette palette() const;

  ThemeChoice choice() const { return m_choice; }
  void setChoice(ThemeChoice choice);
  int scalePercent() const { return m_scale; }
  void setScalePercent(int percent); ///< clamped to 80..200
  bool reducedMotion() const { return m_reducedMotion; }
  void setReducedMotion(bool reduced);
  bool marksNegativeCells() const { return m_markNegative; }
  void setMarksNegativeCells(bool mark);
  /// What ThemeChoice::System follows, while the program runs.
  SystemScheme& system() const { return *m_system; }
  /// ms, or 0 with reduced motion.
  int duration(int milliseconds) const;

Q_SIGNALS:
  /// Colours, sizes or preferences are others now; palette, fonts and style are already applied.
  void changed();

protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

private:
  explicit Theme(QObject* parent);
  void apply();
  const ThemeColors& colors() const;

  ThemeChoice m_choice = ThemeChoice::System;
  SystemScheme* m_system;
  Shade m_shade = Shade::Light;
  int m_scale = 100;
  bool m_reducedMotion = false;
  bool m_asking = false; ///< the platform for its palette
  bool m_markNegative = false;
  QString m_uiFamily, m_monoFamily;
};

} // namespace switchyard::studio
