#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/loader.h"
#include "core/plugin/options.h"
#include "core/trace/block.h"

namespace switchyard::testing {

/// A folder that is removed at the end.
class TempFolder {
public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return m_path; }

private:
  std::filesystem::path m_path;
};

void writeFile(const std::filesystem::path& path, const std::string& text);

/// A plain sidecar text with one string option "mode".
std::string sidecarText(const std::string& id, const std::string& kinds, const std::string& library,
                        const std::string& version = "1.0.0");

/// Copies a hostile module into `folder` with a sidecar that says what it claims to be.
std::filesystem::path placeHostile(const std::filesystem::path& folder, const std::string& library,
                                   const std::string& kinds,
                                   const std::string& id = "org.example.broken");

/// The misbehaving plugin, loaded, and its options for a mode.
std::shared_ptr<const plugin::LoadedPlugin> misbehaving();
plugin::OptionValues modeOptions(const std::string& mode);

/// A built-in plugin of the build tree, loaded.
std::shared_ptr<const plugin::LoadedPlugin> builtIn(const std::string& name);

/// A seeded made-up trace: `sequences` of 1 to 40 tokens over the layers, distinct ids in each row,
/// with labels, weights and logits.
class MadeUpTrace {
public:
  MadeUpTrace(std::uint64_t seed, int sequences, int layers, int experts, int k);

  const std::vector<trace::LayerInfo>& layers() const { return m_layers; }
  std::size_t sequences() const { return m_sequences.size(); }
  std::int64_t tokens() const;
  /// The blocks of one sequence, layer by layer, for each range of at most `chunk` tokens.
  std::vector<trace::RoutingBlock> blocks(std::size_t sequence, std::int64_t chunk = 16) const;

private:
  struct Column {
    std::vector<std::uint16_t> ids;
    std::vector<float> weights, logits;
  };
  std::vector<trace::LayerInfo> m_layers;
  std::vector<trace::SequenceInfo> m_sequences;
  std::vector<std::vector<Column>> m_columns; ///< [sequence][layer]
};

} // namespace switchyard::testing
