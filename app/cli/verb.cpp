#include "app/cli/verb.h"

#include <charconv>

#include <fmt/format.h>

namespace switchyard::cli {

CLI::App* VerbSet::add(const std::string& name, const std::string& summary,
                       const std::string& examples, CLI::App* parent) {
  CLI::App* verb = (parent ? parent : &m_app)->add_subcommand(name, summary);
  if (!examples.empty())
    verb->footer("Examples:\n" + examples);
  return verb;
}

void VerbSet::body(CLI::App* verb, VerbBody body) {
  setBody(verb, std::move(body), false);
}

void VerbSet::sharedBody(CLI::App* verb, VerbBody body) {
  setBody(verb, std::move(body), true);
}

void VerbSet::setBody(CLI::App* verb, VerbBody body, bool isShared) {
  auto kept = std::make_shared<VerbBody>(std::move(body));
  verb->callback([this, verb, kept, isShared] {
    m_chosen = kept;
    m_chosenName = verb->get_name();
    m_chosenIsShared = isShared;
  });
}

void addJson(CLI::App* verb, CommonOptions& options) {
  verb->add_flag("--json", options.json, "Print facts as JSON on standard output");
}

void addQuiet(CLI::App* verb, CommonOptions& options) {
  verb->add_flag("-q,--quiet", options.quiet, "No progress and no summary, only errors");
}

void addThreads(CLI::App* verb, CommonOptions& options) {
  verb->add_option("--threads", options.threads,
                   "Threads to use; 0 = all cores (results do not depend on it)")
      ->capture_default_str();
}

base::Result<void> checkThreads(const CommonOptions& options) {
  if (options.threads < 0 || options.threads > base::ThreadContext::kMaxThreads)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("--threads {} is outside 0..{}", options.threads,
                                  base::ThreadContext::kMaxThreads));
  return {};
}

base::Result<std::uint64_t> parseBytes(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  int shift = 0;
  bool good = error == std::errc() && value > 0;
  if (rest != end) {
    constexpr std::string_view kSuffixes = "KMGT";
    const auto at = kSuffixes.find(*rest);
    good = good && rest + 1 == end && at != std::string_view::npos;
    shift = 10 * (static_cast<int>(at) + 1);
  }
  if (!good || (shift > 0 && value > (UINT64_MAX >> shift)))
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("\"{}\" is no size; write a number of bytes, or 512M, 4G", text));
  return value << shift;
}

} // namespace switchyard::cli
