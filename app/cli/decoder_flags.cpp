#include "app/cli/decoder_flags.h"

#include <fmt/format.h>

namespace switchyard::cli {

void DecoderFlags::add(CLI::App* verb, const plugin::Registry& registry) {
  verb->add_option("--decoder", m_name,
                   "Decoder plugin that chooses the tokens; default: one pass a token, sampled");
  m_flags.add(verb, registry, {plugin::Kind::Decoder});
}

base::Result<jobs::DecoderRequest> DecoderFlags::request(const plugin::Registry& registry) const {
  jobs::DecoderRequest request;
  std::vector<std::string> used;
  if (!m_name.empty()) {
    used.push_back(SY_TRY(registry.find(m_name, plugin::Kind::Decoder)).shortName());
    request = {m_name, m_flags.of(used.front())};
  }
  if (const std::string unused = m_flags.unusedBy(used); !unused.empty())
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("there are options for {0}, which is not used; add --decoder {0}", unused));
  return request;
}

} // namespace switchyard::cli
