#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "app/jobs/ablate/affinity.h"

namespace switchyard::jobs::ablate {

/// One document or item, run once.
struct Measured {
  double value = 0;     ///< nats of a document; score of an item
  double weight = 0;    ///< tokens scored in a document; 1 of an item
  std::string answer{}; ///< of an item: what the model wrote or chose
  bool operator==(const Measured&) const = default;
};
using Measurement = std::vector<Measured>; ///< by document or item, in order

/// What has been measured so far, in one JSON file that is replaced as a whole after each expert: a
/// process that is killed loses the expert it was working on.
class Store {
public:
  /// A file that is not there is an empty store. identity: text that is equal for equal models,
  /// texts and options. An empty path keeps everything in memory.
  /// Errors: InvalidArgument for a file of another identity, unless `restart`; InvalidFormat.
  static base::Result<Store> open(const std::filesystem::path& path, std::string identity,
                                  bool restart);

  const Measurement* base() const { return m_base.empty() ? nullptr : &m_base; }
  const Measurement* find(const ExpertId& id) const;
  /// Errors: those of writing.
  base::Result<void> setBase(Measurement base);
  base::Result<void> add(const ExpertId& id, Measurement measurement);

private:
  base::Result<void> save() const;

  std::filesystem::path m_path;
  std::string m_identity;
  Measurement m_base;
  std::map<ExpertId, Measurement> m_experts;
};

} // namespace switchyard::jobs::ablate
