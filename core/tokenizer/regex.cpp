#include "core/tokenizer/regex.h"

#include <array>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include "core/tokenizer/regex_syntax.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::uint32_t kFirstLimit = 1024;
constexpr std::uint32_t kLimitGrowth = 16;
constexpr std::uint32_t kHighestLimit = 1u << 30;
constexpr std::uint32_t kDepthLimit = 1u << 20;
constexpr std::uint32_t kHeapLimitKib = 64u << 10;
constexpr std::size_t kJitStackStart = 32u << 10;
constexpr std::size_t kJitStackMost = 1u << 20;

template <typename T, void (*Free)(T*)> struct Deleter {
  void operator()(T* object) const { Free(object); }
};
template <typename T, void (*Free)(T*)> using Handle = std::unique_ptr<T, Deleter<T, Free>>;

using Code = Handle<pcre2_code, pcre2_code_free>;
using CompileContext = Handle<pcre2_compile_context, pcre2_compile_context_free>;
using MatchContext = Handle<pcre2_match_context, pcre2_match_context_free>;
using MatchData = Handle<pcre2_match_data, pcre2_match_data_free>;
using JitStack = Handle<pcre2_jit_stack, pcre2_jit_stack_free>;

/// What a thread needs to match; made once per thread, not shared.
struct Scratch {
  MatchData data{pcre2_match_data_create(1, nullptr)};
  MatchContext context{pcre2_match_context_create(nullptr)};
  JitStack stack{pcre2_jit_stack_create(kJitStackStart, kJitStackMost, nullptr)};

  Scratch() {
    if (!data || !context)
      return;
    pcre2_set_depth_limit(context.get(), kDepthLimit);
    pcre2_set_heap_limit(context.get(), kHeapLimitKib);
    if (stack)
      pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
  }
};

Scratch& scratch() {
  thread_local Scratch perThread;
  return perThread;
}

std::string engineMessage(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

} // namespace

struct Regex::Impl {
  Code code;
};

Regex::Regex(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern) {
  const std::string translated = SY_TRY(toPcreSyntax(pattern));
  const CompileContext context(pcre2_compile_context_create(nullptr));
  if (!context)
    return fail(ErrorCode::LimitExceeded, "no memory for a regular expression");
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int code = 0;
  PCRE2_SIZE offset = 0;
  constexpr std::uint32_t kOptions =
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
  auto impl = std::make_unique<Impl>();
  impl->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                 kOptions, &code, &offset, context.get()));
  if (!impl->code)
    return fail(ErrorCode::InvalidFormat,
                fmt::format("the regular expression does not compile: {} (after \"{}\")",
                            engineMessage(code),
                            std::string_view(translated)
                                .substr(offset > 40 ? offset - 40 : 0, offset > 40 ? 40 : offset)));
  // Without JIT (not built in, memory may not be executable) matching is slower but the same.
  pcre2_jit_compile(impl->code.get(), PCRE2_JIT_COMPLETE);
  return Regex(std::move(impl));
}

Result<std::optional<Regex::Match>> Regex::find(std::string_view text, std::size_t from,
                                                RegexBudget& budget) const {
  const Scratch& mine = scratch();
  if (!mine.data || !mine.context)
    return fail(ErrorCode::LimitExceeded, "no memory to match a regular expression");
  // Nearly every match needs few steps. One that needs more is tried again with a higher limit, and
  // only then counts against the budget, so that many cheap matches cost nothing.
  for (std::uint32_t limit = kFirstLimit;; limit *= kLimitGrowth) {
    pcre2_set_match_limit(mine.context.get(), limit);
    const int status =
        pcre2_match(m_impl->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                    from, PCRE2_NO_UTF_CHECK, mine.data.get(), mine.context.get());
    if (status >= 0) {
      const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(mine.data.get());
      return Match{bounds[0], bounds[1]};
    }
    if (status == PCRE2_ERROR_NOMATCH)
      return std::optional<Match>();
    if (status != PCRE2_ERROR_MATCHLIMIT || limit >= kHighestLimit || !budget.spend(limit))
      return fail(ErrorCode::LimitExceeded,
                  fmt::format("a regular expression of the tokenizer gave up at byte {} of a part "
                              "of the text: {}",
                              from, engineMessage(status)));
  }
}

} // namespace switchyard::tokenizer
