#include "app/jobs/ablate/measure.h"

namespace switchyard::jobs::ablate {

namespace {

using base::Result;

class Texts final : public Measurer {
public:
  Texts(std::shared_ptr<const model::Model> model, std::span<const Window> windows, TextLoss& loss,
        std::vector<double> base, std::shared_ptr<const UsedExperts> used, bool skip)
      : m_model(std::move(model)), m_windows(windows), m_loss(loss), m_base(std::move(base)),
        m_used(std::move(used)), m_skip(skip) {}

  std::size_t steps() const override { return m_windows.size(); }

  Result<Measurement> run(const routing::Policy* policy, const ExpertId& id,
                          const std::function<void()>& step,
                          const base::RunControl& control) override {
    std::unique_ptr<routing::Policy> own;
    if (policy) {
      own = policy->clone();
      SY_TRY(own->begin(m_model->layerFacts()));
      SY_TRY(m_loss.enter(id.layer, control));
    }
    Measurement documents;
    std::size_t prompt = 0;
    for (std::size_t window = 0; window < m_windows.size(); ++window) {
      SY_TRY(control.check());
      double loss = m_base[window];
      if (own && !(m_skip && !m_used->uses(window, id)))
        loss = SY_TRY(m_loss.loss(window, *own, control));
      if (documents.empty() || m_windows[window].prompt != prompt) {
        prompt = m_windows[window].prompt;
        documents.emplace_back();
      }
      documents.back().value += loss;
      documents.back().weight += static_cast<double>(m_windows[window].tokens.size()) - 1;
      step();
    }
    return documents;
  }

private:
  std::shared_ptr<const model::Model> m_model;
  std::span<const Window> m_windows;
  TextLoss& m_loss;
  std::vector<double> m_base;
  std::shared_ptr<const UsedExperts> m_used;
  bool m_skip;
};

class Tasks final : public Measurer {
public:
  Tasks(evaluate::Bench bench, const base::ThreadContext& threads, int jobs)
      : m_bench(std::move(bench)), m_threads(threads), m_jobs(jobs) {}

  std::size_t steps() const override { return m_bench.tasks.size(); }

  Result<Measurement> run(const routing::Policy* policy, const ExpertId&,
                          const std::function<void()>& step,
                          const base::RunControl& control) override {
    std::vector<evaluate::Way> ways(1);
    if (policy) {
      ways[0].policy = policy->clone();
      SY_TRY(ways[0].policy->begin(m_bench.model->layerFacts()));
    }
    ways[0].decoder =
        std::make_shared<const DecoderChoice>(SY_TRY(DecoderChoice::find({}, nullptr)));
    std::vector<evaluate::Cell> cells;
    for (std::size_t item = 0; item < m_bench.tasks.size(); ++item)
      cells.push_back({.variant = 0, .item = static_cast<std::int64_t>(item), .repeat = 0});
    Measurement items(m_bench.tasks.size());
    const bool whole = SY_TRY(evaluate::runCells(
        m_bench, ways, cells, m_jobs, m_threads,
        [&](const evaluate::Cell& cell, evaluate::Outcome outcome) -> Result<void> {
          items[static_cast<std::size_t>(cell.item)] = {outcome.score, 1.0,
                                                        std::move(outcome.text)};
          step();
          return {};
        },
        control.stop));
    if (!whole)
      return base::fail(base::ErrorCode::Cancelled, "stopped on request");
    return items;
  }

private:
  evaluate::Bench m_bench;
  const base::ThreadContext& m_threads;
  int m_jobs;
};

} // namespace

UsedExperts::UsedExperts(std::size_t windows, const std::vector<trace::LayerInfo>& layers) {
  for (const trace::LayerInfo& layer : layers) {
    m_first[layer.layer] = m_experts;
    m_experts += static_cast<std::size_t>(layer.experts);
  }
  m_used.assign(windows * m_experts, false);
}

bool UsedExperts::uses(std::size_t window, const ExpertId& id) const {
  return m_used[window * m_experts + m_first.at(id.layer) + static_cast<std::size_t>(id.expert)];
}

Result<void> UsedExperts::onRouter(const hooks::RouterEvent& event) {
  const std::size_t begin = m_window * m_experts + m_first.at(event.layer.value);
  for (const std::int32_t id : event.ids)
    if (id != hooks::kNoExpert)
      m_used[begin + static_cast<std::size_t>(id)] = true;
  return {};
}

std::unique_ptr<Measurer> measureTexts(std::shared_ptr<const model::Model> model,
                                       std::span<const Window> windows, TextLoss& loss,
                                       std::vector<double> base,
                                       std::shared_ptr<const UsedExperts> used, bool skip) {
  return std::make_unique<Texts>(std::move(model), windows, loss, std::move(base), std::move(used),
                                 skip);
}

std::unique_ptr<Measurer> measureTasks(evaluate::Bench bench, const base::ThreadContext& threads,
                                       int jobs) {
  return std::make_unique<Tasks>(std::move(bench), threads, jobs);
}

} // namespace switchyard::jobs::ablate
