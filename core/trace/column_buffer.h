#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/trace/layout.h"

namespace switchyard::trace {

/// Rows of one column of the open sequence that are not yet in a chunk. Internal to core/trace.
class ColumnBuffer {
public:
  /// held: counts the bytes held by all buffers that share it; borrowed, like the layout.
  ColumnBuffer(const ColumnLayout& layout, std::uint64_t& held);

  const ColumnLayout& layout() const { return *m_layout; }
  std::int64_t rows(int layer) const; ///< of the sequence so far, those in chunks included
  /// Whether a layer holds the rows of a full chunk. Only then can take() have one of its group.
  bool hasChunk(int layer) const {
    return at(layer).rows >= m_layout->groupFor(layer).rowsPerChunk;
  }

  /// `rows` more rows of a layer, of the layout's width.
  void append(int layer, std::int64_t rows, std::span<const std::byte> values);

  struct Chunk {
    std::int64_t number = 0;
    std::int64_t rows = 0;
  };
  /// Moves the next chunk of a group to `out` if all its layers have a full one, or, if `last`, any
  /// row left. rows 0: there is none.
  Chunk take(int group, bool last, std::vector<std::byte>& out);
  void clear();

private:
  struct Layer {
    std::size_t rowBytes = 0;
    std::vector<std::byte> pending;
    std::int64_t rows = 0;  ///< of pending
    std::int64_t taken = 0; ///< rows that went into chunks
  };
  const Layer& at(int layer) const { return m_layers[static_cast<std::size_t>(layer)]; }

  const ColumnLayout* m_layout;
  std::uint64_t* m_held;
  std::vector<Layer> m_layers;
};

} // namespace switchyard::trace
