#pragma once

#include <QWidget>

#include "app/studio/live/player.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QSpinBox;
class QToolButton;

namespace switchyard::studio {

/// The tool bar's part for running text: play, pause, step, stop, rate, seed, decoder, recipe.
class Transport : public QWidget {
  Q_OBJECT
public:
  Transport(Player& player, Workbench& workbench);

  QSize minimumSizeHint() const override;

protected:
  void resizeEvent(QResizeEvent* event) override;

private:
  void addLabel(const QString& text, QWidget* buddy);
  QToolButton* addButton(const char* image, const QString& name, const QString& keys);
  void updateButtons();
  void fillItems(QComboBox* choice, ItemKind kind, const QString& none);
  void fillDecoders();
  void showSettings();
  void openSampling();
  void fold();

  Player& m_player;
  Workbench& m_workbench;
  QHBoxLayout* m_row;
  QToolButton* m_play;
  QToolButton* m_step;
  QToolButton* m_stop;
  QComboBox* m_rate;
  QComboBox* m_decoder;
  QComboBox* m_recipe;
  QSpinBox* m_seed;
  QToolButton* m_more;
  std::vector<QLabel*> m_labels;
  bool m_filling = false;
};

} // namespace switchyard::studio
