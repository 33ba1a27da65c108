#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/progress.h"
#include "core/trace/chunk_store.h"
#include "core/trace/doctor.h"
#include "core/trace/doctor_content.h"
#include "core/trace/reader.h"
#include "core/trace/store.h"

namespace switchyard::trace {

/// What the bytes of a trace look like. Internal to core/trace.
struct FileCheck {
  std::int64_t sequences = 0; ///< with a sound row in the table `sequence`
  std::int64_t tokens = 0;
  std::int64_t chunks = 0; ///< expected
  Tally badSequences;      ///< rows of the table `sequence` missing or damaged
  Tally missingChunks, damagedChunks, foreignIds, strayChunks;
  std::int64_t openChunks = 0; ///< of a sequence that was not finished
  std::string firstDamage;     ///< what is wrong with the first damaged row or chunk

  void merge(const FileCheck& later);
  void report(const Trace& trace, std::vector<Finding>& findings) const;
};

/// Verifies sequences chunk by chunk with a connection of its own.
class ChunkVerifier {
public:
  static base::Result<ChunkVerifier> create(const std::filesystem::path& path);
  /// Whether a sequence is whole; what is not is added to `check`.
  bool verify(std::int64_t sequence, FileCheck& check);

private:
  ChunkVerifier() = default;
  bool verifyChunk(const ExpectedChunk& expected, FileCheck& check);

  OpenedStore m_store;
  std::optional<ChunkSource> m_chunks;
  sql::Statement m_selectSequence;
  ChunkDecoder m_decoder;
  std::vector<std::byte> m_decoded;
};

/// SQLite's own quick check of pages and cells, as a finding.
base::Result<void> checkDatabase(const std::filesystem::path& path, const base::RunControl& control,
                                 std::vector<Finding>& findings);
/// Chunks that no finished sequence has.
base::Result<void> checkLeftovers(const Trace& trace, FileCheck& check);

} // namespace switchyard::trace
