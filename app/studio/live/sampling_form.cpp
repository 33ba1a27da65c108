#include "app/studio/live/sampling_form.h"

#include <functional>

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QSpinBox>

namespace switchyard::studio {

namespace {

/// One setting: how to read it and how to write it.
template <typename Value> using Write = std::function<void(LiveSettings&, Value)>;

} // namespace

SamplingForm::SamplingForm(Player& player, QWidget* parent) : QFrame(parent, Qt::Popup) {
  setObjectName("stateCard");
  setAccessibleName(tr("Sampling"));
  auto* form = new QFormLayout(this);
  const auto change = [&player](const std::function<void(LiveSettings&)>& edit) {
    LiveSettings settings = player.settings();
    edit(settings);
    player.setSettings(settings);
  };
  const auto real = [&](const QString& name, const QString& help, double value, double low,
                        double high, Write<double> write) {
    auto* box = new QDoubleSpinBox;
    box->setRange(low, high);
    box->setSingleStep(0.05);
    box->setValue(value);
    box->setToolTip(help);
    box->setAccessibleName(name);
    connect(box, &QDoubleSpinBox::valueChanged, this, [change, write](double to) {
      change([&](LiveSettings& settings) { write(settings, to); });
    });
    form->addRow(name, box);
  };
  const auto whole = [&](const QString& name, const QString& help, int value, int low, int high,
                         Write<int> write) {
    auto* box = new QSpinBox;
    box->setRange(low, high);
    box->setValue(value);
    box->setToolTip(help);
    box->setAccessibleName(name);
    connect(box, &QSpinBox::valueChanged, this, [change, write](int to) {
      change([&](LiveSettings& settings) { write(settings, to); });
    });
    form->addRow(name, box);
  };
  const LiveSettings& now = player.settings();
  const session::SamplerOptions& sampler = now.generate.sampler;
  real(tr("Temperature"), tr("0: greedy, the likeliest token"), sampler.temperature, 0, 10,
       [](LiveSettings& s, double to) { s.generate.sampler.temperature = to; });
  whole(tr("Top-k"), tr("Keep the k likeliest tokens; 0: all"), sampler.topK, 0, 1 << 20,
        [](LiveSettings& s, int to) { s.generate.sampler.topK = to; });
  real(tr("Top-p"), tr("Keep the likeliest tokens whose mass reaches p"), sampler.topP, 0.01, 1,
       [](LiveSettings& s, double to) { s.generate.sampler.topP = to; });
  real(tr("Min-p"), tr("Keep tokens of at least p times the top probability"), sampler.minP, 0, 1,
       [](LiveSettings& s, double to) { s.generate.sampler.minP = to; });
  real(tr("Repetition penalty"), tr("Penalise tokens that occurred before; 1: off"),
       sampler.repetitionPenalty, 0.01, 10,
       [](LiveSettings& s, double to) { s.generate.sampler.repetitionPenalty = to; });
  whole(tr("Seed"), tr("Of the random draws"), static_cast<int>(sampler.seed), 0, 999999999,
        [](LiveSettings& s, int to) { s.generate.sampler.seed = static_cast<std::uint64_t>(to); });
  whole(tr("Limit"), tr("New tokens at most"), static_cast<int>(now.generate.maxTokens), 1, 1 << 20,
        [](LiveSettings& s, int to) { s.generate.maxTokens = to; });
  auto* end = new QCheckBox(tr("Stop at the end-of-text token"));
  end->setChecked(now.generate.stopAtEos);
  connect(end, &QCheckBox::toggled, this, [change](bool on) {
    change([on](LiveSettings& settings) { settings.generate.stopAtEos = on; });
  });
  form->addRow(end);
  auto* note = new QLabel(tr("Counts for the next text."));
  note->setProperty("muted", true);
  note->setProperty("note", true);
  form->addRow(note);
}

} // namespace switchyard::studio
