#pragma once

#include <QWidget>

class QPlainTextEdit;

namespace switchyard::studio {

class Player;

/// The prompt, and the button that continues it. What is typed goes to the player's settings.
class PromptRow : public QWidget {
  Q_OBJECT
public:
  explicit PromptRow(Player& player);
  QPlainTextEdit& editor() { return *m_editor; }
  QString text() const;

Q_SIGNALS:
  void generateRequested(); ///< button, Ctrl+Enter

protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

private:
  void applyTheme();

  QPlainTextEdit* m_editor;
};

} // namespace switchyard::studio
