#include "tests/fuzz/trace_input.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

#include "core/trace/reader.h"
#include "tests/fuzz/require.h"

namespace switchyard::tests {

namespace {

namespace fs = std::filesystem;

/// A folder in memory where there is one: each input is a file.
class Folder {
public:
  Folder() {
    const fs::path memory = "/dev/shm";
    std::error_code error;
    const fs::path base = fs::is_directory(memory, error) ? memory : fs::temp_directory_path();
    std::string name = (base / "switchyard_fuzz.XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
    m_path = name;
  }
  ~Folder() {
    std::error_code error;
    fs::remove_all(m_path, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return m_path; }

private:
  fs::path m_path;
};

base::Result<void> readSequence(trace::TraceReader& reader, std::int64_t index) {
  const trace::SequenceSize size = SY_TRY(reader.size(index));
  require(size.rows >= 0 && size.rows <= size.tokens && size.promptLength <= size.tokens,
          "lengths agree");
  const trace::SequenceInfo info = SY_TRY(reader.sequence(index));
  require(static_cast<std::int64_t>(info.tokens.size()) == size.tokens, "all tokens are read");
  constexpr std::int64_t kMaxRows = 4096;
  const auto& layers = reader.trace().meta().layers;
  return reader.forEachBlock(
      info, trace::Columns::ofBlocks(), {}, 0, std::min(size.rows, kMaxRows),
      [&layers](const trace::RoutingBlock& block) -> base::Result<void> {
        const trace::LayerInfo& layer = layers[static_cast<std::size_t>(block.moeLayer)];
        for (const std::uint16_t id : block.ids)
          require(id == trace::kNoExpert || id < layer.experts, "ids are experts");
        return {};
      });
}

} // namespace

const fs::path& traceInputPath() {
  static const Folder folder;
  static const fs::path path = folder.path() / "input.swy";
  return path;
}

void readWholeTrace(const fs::path& path) {
  const auto trace = trace::Trace::open(path);
  if (!trace)
    return;
  const auto reader = (*trace)->reader();
  if (!reader)
    return;
  constexpr std::int64_t kMaxSequences = 8;
  for (std::int64_t i = 0; i < std::min((*trace)->sequences(), kMaxSequences); ++i)
    (void)readSequence(**reader, i);
}

} // namespace switchyard::tests
