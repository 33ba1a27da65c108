#include "app/studio/live/transport.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QToolButton>

#include "app/studio/live/sampling_form.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {
constexpr double kRates[] = {0, 30, 10, 5, 2, 1};
}

Transport::Transport(Player& player, Workbench& workbench)
    : m_player(player), m_workbench(workbench), m_row(new QHBoxLayout(this)), m_rate(new QComboBox),
      m_decoder(new QComboBox), m_recipe(new QComboBox), m_seed(new QSpinBox),
      m_more(new QToolButton) {
  setObjectName("transport");
  m_row->setContentsMargins(0, 0, 0, 0);
  m_row->setSpacing(6);
  m_play = addButton("play-fill", tr("Play"), "Space");
  m_step = addButton("skip-end-fill", tr("Step"), "N");
  m_stop = addButton("stop-fill", tr("Stop"), "Shift+Esc");
  connect(m_play, &QToolButton::clicked, this, [this] { m_player.togglePlay(); });
  connect(m_step, &QToolButton::clicked, this, [this] { m_player.step(); });
  connect(m_stop, &QToolButton::clicked, this, [this] { m_player.stop(); });
  m_row->addSpacing(4);
  for (const double rate : kRates)
    m_rate->addItem(rate > 0 ? tr("%1 / s").arg(rate) : tr("max"), rate);
  addLabel(tr("Rate"), m_rate);
  m_row->addWidget(m_rate);
  m_seed->setRange(0, 999999999);
  m_seed->setButtonSymbols(QAbstractSpinBox::NoButtons);
  addLabel(tr("Seed"), m_seed);
  m_row->addWidget(m_seed);
  addLabel(tr("Decoder"), m_decoder);
  m_row->addWidget(m_decoder);
  addLabel(tr("Recipe"), m_recipe);
  m_row->addWidget(m_recipe);
  m_more->setIcon(icon("three-dots"));
  m_more->setToolTip(tr("Sampling: temperature, top-k, limit, …"));
  m_more->setAccessibleName(tr("Sampling"));
  m_row->addWidget(m_more);
  m_row->addStretch(1);
  connect(m_more, &QToolButton::clicked, this, &Transport::openSampling);

  connect(m_recipe, &QComboBox::activated, this, [this](int index) {
    LiveSettings settings = m_player.settings();
    const int key = m_recipe->itemData(index).toInt();
    settings.useRecipe = key != 0;
    if (key != 0)
      m_workbench.document().setCurrent(ItemKind::Recipe, key);
    m_player.setSettings(settings);
  });
  connect(m_rate, &QComboBox::activated, this,
          [this](int index) { m_player.setRate(m_rate->itemData(index).toDouble()); });
  connect(m_seed, &QSpinBox::valueChanged, this, [this](int seed) {
    if (m_filling)
      return;
    LiveSettings settings = m_player.settings();
    settings.generate.sampler.seed = static_cast<std::uint64_t>(seed);
    m_player.setSettings(settings);
  });
  connect(m_decoder, &QComboBox::activated, this, [this](int index) {
    LiveSettings settings = m_player.settings();
    settings.decoder.name = m_decoder->itemData(index).toString().toStdString();
    settings.decoder.options.clear();
    if (settings.decoder.name == "self-contrast") // so that strong and weak candidates can be shown
      settings.decoder.options = {{"top", "8"}};
    m_player.setSettings(settings);
  });
  Document& document = workbench.document();
  const auto fill = [this] {
    fillItems(m_recipe, ItemKind::Recipe, tr("none"));
    showSettings();
    updateButtons();
  };
  connect(&document, &Document::itemAdded, this, fill);
  connect(&document, &Document::itemChanged, this, fill);
  connect(&document, &Document::itemRemoved, this, fill);
  connect(&document, &Document::currentChanged, this, fill);
  connect(&document, &Document::cleared, this, fill);
  connect(&player, &Player::settingsChanged, this, &Transport::showSettings);
  connect(&player, &Player::stateChanged, this, &Transport::updateButtons);
  connect(&player, &Player::reelChanged, this, &Transport::updateButtons);
  connect(&Theme::instance(), &Theme::changed, this, &Transport::updateButtons);
  fillDecoders();
  fill();
  updateButtons();
}

QSize Transport::minimumSizeHint() const {
  return {Theme::instance().px(300), Theme::instance().px(28)};
}

void Transport::addLabel(const QString& text, QWidget* buddy) {
  auto* label = new QLabel(text);
  label->setProperty("muted", true);
  label->setBuddy(buddy);
  buddy->setAccessibleName(text);
  m_row->addWidget(label);
  m_labels.push_back(label);
}

QToolButton* Transport::addButton(const char* image, const QString& name, const QString& keys) {
  auto* button = new QToolButton;
  button->setIcon(icon(image));
  button->setAccessibleName(name);
  button->setToolTip(name + "  " + keys);
  m_row->addWidget(button);
  return button;
}

void Transport::updateButtons() {
  const PlayState state = m_player.state();
  const bool playing = state == PlayState::Playing;
  const bool loading = state == PlayState::Loading;
  const QString name = playing ? tr("Pause") : tr("Play");
  m_play->setIcon(icon(playing ? "pause-fill" : "play-fill"));
  m_play->setAccessibleName(name);
  m_play->setToolTip(name + "  Space");
  m_play->setCheckable(playing);
  m_play->setChecked(playing);
  // Without a model a trace can still be played.
  const bool can = m_workbench.document().currentItem(ItemKind::Model) || m_player.track();
  if (!can)
    m_play->setToolTip(tr("Play: open a model or a trace first"));
  m_step->setToolTip(can ? tr("Step") + "  N" : tr("Step: open a model or a trace first"));
  m_play->setEnabled(can && !loading);
  m_step->setEnabled(can && !loading && !playing);
  m_stop->setEnabled(m_player.isRunning());
  const Theme& theme = Theme::instance();
  setMinimumHeight(theme.px(28)); // a field with its border, a button with its focus
  m_rate->setFixedWidth(theme.px(66));
  m_seed->setFixedWidth(theme.px(52));
  m_decoder->setFixedWidth(theme.px(108));
  m_recipe->setFixedWidth(theme.px(116));
  m_step->setIcon(icon("skip-end-fill"));
  m_stop->setIcon(icon("stop-fill"));
  m_more->setIcon(icon("three-dots"));
}

void Transport::fillItems(QComboBox* choice, ItemKind kind, const QString& none) {
  const Document& document = m_workbench.document();
  choice->clear();
  const std::vector<ItemKey> keys = document.keys(kind);
  if (keys.empty() || kind == ItemKind::Recipe)
    choice->addItem(none, 0);
  for (const ItemKey key : keys)
    choice->addItem(document.item(key)->name, key);
  choice->setCurrentIndex(std::max(0, choice->findData(document.current(kind))));
}

void Transport::fillDecoders() {
  m_decoder->addItem(tr("greedy"), QString());
  for (const plugin::PluginRow& row : m_workbench.registry().rows())
    if (row.manifest && row.manifest->has(plugin::Kind::Decoder) &&
        (row.state == plugin::RowState::Available || row.state == plugin::RowState::Loaded)) {
      const QString name = QString::fromStdString(row.manifest->shortName());
      if (m_decoder->findData(name) < 0)
        m_decoder->addItem(name, name);
    }
}

void Transport::showSettings() {
  m_filling = true;
  const LiveSettings& settings = m_player.settings();
  m_rate->setCurrentIndex(std::max(0, m_rate->findData(settings.rate)));
  m_seed->setValue(static_cast<int>(settings.generate.sampler.seed));
  m_decoder->setItemText(0, settings.generate.sampler.temperature > 0
                                ? tr("sampling, T %1").arg(settings.generate.sampler.temperature)
                                : tr("greedy"));
  const int decoder = m_decoder->findData(QString::fromStdString(settings.decoder.name));
  m_decoder->setCurrentIndex(std::max(0, decoder));
  if (!settings.useRecipe)
    m_recipe->setCurrentIndex(0);
  m_filling = false;
}

void Transport::openSampling() {
  auto* form = new SamplingForm(m_player, this);
  form->setAttribute(Qt::WA_DeleteOnClose);
  form->move(m_more->mapToGlobal(QPoint(0, m_more->height() + 2)));
  form->show();
}

void Transport::fold() {
  // Labels go first, then seed and rate: the form behind the dots has them, too.
  for (QLabel* label : m_labels)
    label->show();
  m_seed->show();
  m_rate->show();
  if (m_row->sizeHint().width() > width())
    for (QLabel* label : m_labels)
      label->hide();
  if (m_row->sizeHint().width() > width()) {
    m_seed->hide();
    m_rate->hide();
  }
}

void Transport::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fold();
}

} // namespace switchyard::studio
