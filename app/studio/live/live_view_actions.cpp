// What the actions of the window do here, and what a session keeps of the view.

#include <QPlainTextEdit>

#include <nlohmann/json.hpp>

#include "app/studio/live/live_view.h"
#include "app/studio/live/prompt_row.h"
#include "app/studio/live/raster.h"
#include "app/studio/live/sampler_json.h"
#include "app/studio/live/yard_widget.h"

namespace switchyard::studio {

bool LiveView::handles(const QString& id) const {
  const PlayState state = m_player.state();
  if (id == "run.generate" || id == "run.play")
    return state != PlayState::Loading;
  if (id == "run.step")
    return state != PlayState::Loading && state != PlayState::Playing;
  if (id == "run.stop")
    return m_player.isRunning() || state == PlayState::Loading;
  static const QStringList onTrack = {"run.back",
                                      "run.forward",
                                      "run.first",
                                      "run.last",
                                      "figure.move-left",
                                      "figure.move-right",
                                      "figure.move-up",
                                      "figure.move-down",
                                      "figure.extend-left",
                                      "figure.extend-right",
                                      "figure.extend-up",
                                      "figure.extend-down",
                                      "figure.fit",
                                      "figure.zoom-in",
                                      "figure.zoom-out",
                                      "figure.scroll-left",
                                      "figure.scroll-right",
                                      "figure.used-only",
                                      "figure.follow",
                                      "figure.previous-layer",
                                      "figure.next-layer",
                                      "figure.toggle"};
  return m_player.track() && onTrack.contains(id);
}

void LiveView::command(const QString& id) {
  if (id == "run.generate")
    return generate();
  if (id == "run.play")
    return m_player.togglePlay();
  if (id == "run.step")
    return m_player.step();
  if (id == "run.stop")
    return m_player.stop();
  const Track* track = m_player.track();
  if (!track)
    return;
  const bool extend = id.startsWith("figure.extend-");
  const QString move = id.section('-', 1);
  if (extend || id.startsWith("figure.move-"))
    m_yard->movePrimary(move == "up"     ? -1
                        : move == "down" ? 1
                                         : 0,
                        move == "left"    ? -1
                        : move == "right" ? 1
                                          : 0,
                        extend);
  else if (id == "figure.previous-layer")
    m_yard->movePrimary(-1, 0, false);
  else if (id == "figure.next-layer")
    m_yard->movePrimary(1, 0, false);
  else if (id == "figure.toggle" && workbench().selection().primaryExpert())
    workbench().selection().select(*workbench().selection().primaryExpert(), SelectMode::Toggle);
  else if (id == "figure.used-only")
    m_yard->setUsedOnly(!m_yard->usedOnly());
  else if (id == "figure.follow")
    m_raster->setFollows(!m_raster->follows());
  else if (id == "run.back")
    m_player.select(m_player.shown() - 1);
  else if (id == "run.forward")
    m_player.select(m_player.shown() + 1);
  else if (id == "run.first")
    m_player.select(track->begin());
  else if (id == "run.last")
    m_player.select(track->end() - 1);
  else if (id == "figure.zoom-in")
    m_raster->zoom(1.5);
  else if (id == "figure.zoom-out")
    m_raster->zoom(1 / 1.5);
  else if (id == "figure.scroll-left" || id == "figure.scroll-right")
    m_raster->scroll(id == "figure.scroll-left" ? -8 : 8);
  else if (id == "figure.fit")
    m_raster->setFollows(true);
}

QString LiveView::saveState() const {
  const LiveSettings& settings = m_player.settings();
  nlohmann::json state = toJson(settings.generate.sampler);
  state.update({{"prompt", m_promptRow->text().toStdString()},
                {"rate", settings.rate},
                {"max_tokens", settings.generate.maxTokens},
                {"decoder", settings.decoder.name},
                {"used_only", m_yard->usedOnly()}});
  saveScales(state);
  return QString::fromStdString(state.dump());
}

void LiveView::restoreState(const QString& text) {
  const nlohmann::json state = nlohmann::json::parse(text.toStdString(), nullptr, false);
  if (!state.is_object())
    return;
  const auto number = [&state](const char* key, auto& to) {
    if (state.contains(key) && state[key].is_number())
      state[key].get_to(to);
  };
  LiveSettings settings = m_player.settings();
  number("rate", settings.rate);
  number("max_tokens", settings.generate.maxTokens);
  readSampler(state, settings.generate.sampler);
  if (state.contains("decoder") && state["decoder"].is_string())
    settings.decoder.name = state["decoder"].get<std::string>();
  if (state.contains("prompt") && state["prompt"].is_string())
    prompt().setPlainText(QString::fromStdString(state["prompt"].get<std::string>()));
  m_yard->setUsedOnly(state.contains("used_only") && state["used_only"] == true);
  m_player.setSettings(settings);
  restoreScales(state);
}

} // namespace switchyard::studio
