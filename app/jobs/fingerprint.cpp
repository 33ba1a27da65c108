#include "app/jobs/fingerprint.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <xxhash.h>

#include "core/base/file.h"

namespace switchyard::jobs {

struct Fingerprint::State {
  XXH3_state_t* state = XXH3_createState();
  ~State() { XXH3_freeState(state); }
};

Fingerprint::Fingerprint() : m_state(std::make_unique<State>()) {
  XXH3_128bits_reset(m_state->state);
}

Fingerprint::~Fingerprint() = default;

void Fingerprint::add(std::string_view part) {
  const std::uint64_t size = part.size();
  XXH3_128bits_update(m_state->state, &size, sizeof size);
  XXH3_128bits_update(m_state->state, part.data(), part.size());
}

base::Result<void> Fingerprint::addFile(const std::filesystem::path& path) {
  const base::ReadFile file = SY_TRY(base::ReadFile::open(path));
  const std::uint64_t size = file.size();
  XXH3_128bits_update(m_state->state, &size, sizeof size);
  std::vector<std::byte> piece(1u << 22);
  for (std::uint64_t at = 0; at < size; at += piece.size()) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), size - at));
    SY_TRY(file.readAt(at, std::span(piece).first(count)));
    XXH3_128bits_update(m_state->state, piece.data(), count);
  }
  return {};
}

std::string Fingerprint::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(m_state->state);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

base::Result<std::string> fingerprintModel(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(folder, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name == "config.json" || name == "model.safetensors.index.json" ||
        (name.starts_with("model") && name.ends_with(".safetensors")))
      files.push_back(it->path());
  }
  if (error)
    return base::fail(base::ErrorCode::Io,
                      fmt::format("cannot list the folder: {}", error.message()),
                      {.file = folder.string()});
  std::ranges::sort(files);
  Fingerprint fingerprint;
  for (const std::filesystem::path& file : files) {
    fingerprint.add(file.filename().string());
    SY_TRY(fingerprint.addFile(file));
  }
  return fingerprint.hex();
}

} // namespace switchyard::jobs
