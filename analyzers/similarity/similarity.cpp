#include "analyzers/similarity/similarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analyzers/common/cells.h"
#include "analyzers/statistics/assignment.h"
#include "analyzers/statistics/correlation.h"
#include "analyzers/statistics/kendall.h"

namespace switchyard::analyzers {

using base::ErrorCode;
using base::fail;

namespace {

constexpr std::size_t kMaxNeurons = 8192;

double dot(std::span<const float> a, std::span<const float> b) {
  // Four partial sums in a fixed order: the loop need not wait for each addition.
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= a.size(); i += 4) {
    for (std::size_t l = 0; l < 4; ++l)
      sums[l] += static_cast<double>(a[i + l]) * static_cast<double>(b[i + l]);
  }
  for (; i < a.size(); ++i)
    sums[i % 4] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

std::optional<double> cosineOf(double product, double squareA, double squareB) {
  const double norms = std::sqrt(squareA) * std::sqrt(squareB);
  if (!(norms > 0))
    return std::nullopt;
  return std::clamp(product / norms, -1.0, 1.0);
}

std::vector<std::span<const float>> rowsOf(std::span<const float> matrix, std::size_t columns) {
  std::vector<std::span<const float>> rows;
  for (std::size_t at = 0; at < matrix.size(); at += columns)
    rows.push_back(matrix.subspan(at, columns));
  return rows;
}

} // namespace

std::optional<double> SimilarityMatrix::mean() const {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < items; ++i) {
    for (std::size_t j = 0; j < items; ++j) {
      if (i != j && at(i, j)) {
        sum += *at(i, j);
        ++n;
      }
    }
  }
  return ratio(sum, n);
}

base::Result<SimilarityMatrix> cosineMatrix(std::span<const std::span<const float>> items) {
  const bool equal = std::ranges::all_of(
      items, [&](std::span<const float> item) { return item.size() == items[0].size(); });
  if (items.empty() || !equal)
    return fail(ErrorCode::InvalidArgument,
                "similarity needs at least one item, all of one length");
  SimilarityMatrix out{items.size(),
                       std::vector<std::optional<double>>(items.size() * items.size())};
  std::vector<double> squares;
  for (std::span<const float> item : items)
    squares.push_back(dot(item, item));
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (squares[i] > 0)
      out.cosines[i * items.size() + i] = 1.0;
    for (std::size_t j = 0; j < i; ++j)
      out.cosines[i * items.size() + j] = out.cosines[j * items.size() + i] =
          cosineOf(dot(items[i], items[j]), squares[i], squares[j]);
  }
  return out;
}

std::vector<float> meanOverRows(std::span<const float> matrix, std::size_t columns) {
  std::vector<double> sums(columns);
  for (std::size_t i = 0; i < matrix.size(); ++i)
    sums[i % columns] += static_cast<double>(matrix[i]);
  std::vector<float> out;
  const double rows = static_cast<double>(matrix.size()) / static_cast<double>(columns);
  for (double sum : sums)
    out.push_back(static_cast<float>(sum / rows));
  return out;
}

std::vector<float> meanOverColumns(std::span<const float> matrix, std::size_t columns) {
  std::vector<float> out;
  for (std::span<const float> row : rowsOf(matrix, columns)) {
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    out.push_back(static_cast<float>(sum / static_cast<double>(columns)));
  }
  return out;
}

base::Result<ReorderedSimilarity>
reorderedSimilarity(std::span<const float> a, std::span<const float> b, std::size_t columns) {
  if (columns == 0 || a.empty() || a.size() != b.size() || a.size() % columns != 0)
    return fail(ErrorCode::InvalidArgument, "similarity: the two matrices must have one shape");
  const auto rowsA = rowsOf(a, columns), rowsB = rowsOf(b, columns);
  const std::size_t rows = rowsA.size();
  if (rows > kMaxNeurons)
    return fail(ErrorCode::LimitExceeded, "similarity: at most 8192 neurons can be paired");
  std::vector<double> squareA, squareB, gains(rows * rows), products(rows * rows);
  for (std::size_t r = 0; r < rows; ++r) {
    squareA.push_back(dot(rowsA[r], rowsA[r]));
    squareB.push_back(dot(rowsB[r], rowsB[r]));
  }
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < rows; ++j) {
      products[i * rows + j] = dot(rowsA[i], rowsB[j]);
      gains[i * rows + j] = cosineOf(products[i * rows + j], squareA[i], squareB[j]).value_or(0);
    }
  }
  const statistics::Assignment pairs =
      SY_TRY(statistics::assign(gains, rows, rows, statistics::AssignmentGoal::GreatestGain));
  ReorderedSimilarity out;
  out.partner = pairs.columnOfRow;
  double product = 0;
  std::vector<double> order(rows), place(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    product += products[i * rows + static_cast<std::size_t>(out.partner[i])];
    order[i] = static_cast<double>(i);
    place[i] = static_cast<double>(out.partner[i]);
  }
  out.meanNeuronCosine = pairs.total / static_cast<double>(rows);
  out.cosine = cosineOf(product, std::accumulate(squareA.begin(), squareA.end(), 0.0),
                        std::accumulate(squareB.begin(), squareB.end(), 0.0));
  out.kendallTau = SY_TRY(statistics::kendall(order, place)).tauB;
  return out;
}

std::optional<double> explainedShare(const SimilarityMatrix& explaining,
                                     const SimilarityMatrix& explained) {
  std::vector<double> x, y;
  for (std::size_t i = 0; i < std::min(explaining.items, explained.items); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (explaining.at(i, j) && explained.at(i, j)) {
        x.push_back(*explaining.at(i, j));
        y.push_back(*explained.at(i, j));
      }
    }
  }
  if (x.size() < 2)
    return std::nullopt;
  const auto fit = statistics::fitLine(x, y);
  return fit ? fit->rSquared : std::nullopt;
}

} // namespace switchyard::analyzers
