#include "core/plugin/guarded_result.h"

#include <fmt/format.h>

#include "core/plugin/result_builder.h"
#include "core/plugin/watchdog.h"

namespace switchyard::plugin {

namespace {

/// After the limit a plugin is told to stop and gets this long to do so.
constexpr std::chrono::milliseconds kGrace{250};

} // namespace

base::Result<trace::AnalysisResult> guardedResult(const std::shared_ptr<PluginInstance>& instance,
                                                  ResultFunction function,
                                                  const OptionValues& options) {
  struct Answer {
    ResultBuilder builder;
    base::Result<void> status;
  };
  const auto answer = std::make_shared<Answer>();
  HostServices& host = instance->host();
  const std::chrono::milliseconds limit = host.context().resultLimit;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  host.deferProgress(true);
  const bool ended = runWithLimit(
      [instance, answer, function] {
        answer->status = instance->call("result", [&](sy_error* error) {
          return function(instance->object(), answer->builder.table(), error);
        });
      },
      limit + kGrace,
      [&] {
        host.takeProgress();
        if (std::chrono::steady_clock::now() >= deadline)
          host.cancel();
      });
  if (!ended) {
    auto error =
        instance->failure(base::ErrorCode::LimitExceeded,
                          fmt::format("result() did not return within {:.3g} s and was given up; "
                                      "its thread keeps running until the program ends",
                                      std::chrono::duration<double>(limit).count()));
    instance->abandon(error.value());
    return error;
  }
  host.deferProgress(false);
  SY_TRY(answer->status);
  auto taken = answer->builder.take();
  if (!taken)
    return instance->failure(taken.error().code, taken.error().message);
  trace::AnalysisResult result = std::move(*taken);
  const Manifest& manifest = instance->plugin().manifest();
  result.provenance.analyzer = manifest.id;
  result.provenance.version = manifest.version;
  result.provenance.options = describe(options);
  return result;
}

} // namespace switchyard::plugin
