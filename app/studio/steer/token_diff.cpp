#include "app/studio/steer/token_diff.h"

#include <algorithm>

namespace switchyard::studio {

namespace {
constexpr std::size_t kMaxPairs = std::size_t{16} << 20;
} // namespace

std::int64_t TokenDiff::differing() const {
  return std::max(std::ranges::count(a, true), std::ranges::count(b, true));
}

TokenDiff diffTokens(std::span<const base::TokenId> a, std::span<const base::TokenId> b) {
  TokenDiff diff;
  diff.a.assign(a.size(), false);
  diff.b.assign(b.size(), false);
  std::size_t head = 0;
  while (head < std::min(a.size(), b.size()) && a[head] == b[head])
    ++head;
  if (head == a.size() && head == b.size())
    return diff;
  diff.first = static_cast<std::int64_t>(head);
  std::size_t tail = 0;
  while (tail < std::min(a.size(), b.size()) - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  const std::size_t rows = a.size() - head - tail;
  const std::size_t columns = b.size() - head - tail;
  const auto mark = [head](std::vector<bool>& flags, std::size_t from, std::size_t to) {
    std::fill(flags.begin() + static_cast<std::ptrdiff_t>(head + from),
              flags.begin() + static_cast<std::ptrdiff_t>(head + to), true);
  };
  if (rows == 0 || columns == 0 || rows > kMaxPairs / columns) {
    mark(diff.a, 0, rows);
    mark(diff.b, 0, columns);
    return diff;
  }
  // length[i][j]: of the longest common subsequence behind i and j.
  std::vector<std::uint32_t> length((rows + 1) * (columns + 1), 0);
  const auto at = [&](std::size_t i, std::size_t j) -> std::uint32_t& {
    return length[i * (columns + 1) + j];
  };
  for (std::size_t i = rows; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;)
      at(i, j) =
          a[head + i] == b[head + j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows && j < columns) {
    if (a[head + i] == b[head + j]) {
      ++i;
      ++j;
    } else if (at(i, j + 1) >= at(i + 1, j)) {
      diff.b[head + j++] = true;
    } else {
      diff.a[head + i++] = true;
    }
  }
  mark(diff.a, i, rows);
  mark(diff.b, j, columns);
  return diff;
}

} // namespace switchyard::studio
