#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/progress.h"

namespace switchyard::jobs {

/// XXH3-128 over parts with their lengths: tells whether inputs are the same bytes. Not
/// cryptographic.
class Fingerprint {
public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(const Fingerprint&) = delete;
  Fingerprint& operator=(const Fingerprint&) = delete;

  void add(std::string_view part);
  /// The content of a file, read in pieces. Errors: as base::ReadFile.
  base::Result<void> addFile(const std::filesystem::path& path);
  /// 32 hexadecimal digits.
  std::string hex() const;

private:
  struct State;
  std::unique_ptr<State> m_state;
};

/// Fingerprint of what decides a model's numbers: config.json and every *.safetensors file and
/// index of the folder, by name.
base::Result<std::string> fingerprintModel(const std::filesystem::path& folder);

} // namespace switchyard::jobs
