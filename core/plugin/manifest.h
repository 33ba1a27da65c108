#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/kinds.h"
#include "core/plugin/options.h"

namespace switchyard::plugin {

struct AbiVersion {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  friend bool operator==(const AbiVersion&, const AbiVersion&) = default;
};

/// A source paper of what a plugin computes.
struct Paper {
  std::string title;
  std::string url;
};

/// A plugin's sidecar: what is known of it without opening its library.
struct Manifest {
  std::string id;          ///< reverse DNS: "org.switchyard.coactivation"
  std::string name;        ///< for people
  std::string summary;     ///< one sentence
  std::string version;     ///< MAJOR.MINOR.PATCH
  std::string licence;     ///< SPDX identifier
  std::vector<Kind> kinds; ///< at least one, each once
  AbiVersion abi;          ///< the oldest ABI whose hosts can open it (same major)
  std::string library;     ///< file name beside the sidecar
  std::vector<Paper> papers;
  std::string homepage;
  std::vector<OptionSpec> options;
  std::filesystem::path sidecar; ///< where this was read from

  /// The id's last part, what users type: "coactivation".
  std::string shortName() const;
  std::filesystem::path libraryPath() const;
  bool has(Kind kind) const;
};

/// What the end of a sidecar's file name is.
inline constexpr std::string_view kSidecarSuffix = ".plugin.json";

/// Reads and checks a sidecar, at most 1 MiB. Nothing else is opened. Unknown keys are refused, so
/// a misspelt one is noticed. Errors: those of reading a file, InvalidFormat naming the key and
/// what it must be.
base::Result<Manifest> readManifest(const std::filesystem::path& sidecar);

/// The same from text; `sidecar` is used for messages and libraryPath().
base::Result<Manifest> parseManifest(std::string_view text, const std::filesystem::path& sidecar);

} // namespace switchyard::plugin
