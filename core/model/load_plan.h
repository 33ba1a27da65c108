#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/checkpoint/checkpoint.h"
#include "core/model/config.h"
#include "core/model/weights.h"
#include "core/tensor/dtype.h"

namespace switchyard::model {

/// Some rows of a weight matrix and how to get them: row-major elements of `dtype` (F32, BF16 or
/// F16), [rows, columns of the matrix].
struct MatrixPiece {
  std::int64_t rows = 0;
  tensor::DType dtype = tensor::DType::F32;
  std::function<base::Result<void>(std::vector<std::byte>& out)> read;
};

/// A matrix to fill from pieces that lie below one another.
struct MatrixTask {
  std::string name; ///< for messages: the first tensor
  tensor::PackedMatrix* target = nullptr;
  std::int64_t columns = 0;
  std::vector<MatrixPiece> pieces;
  bool checkFinite = false; ///< routers: NaN or infinity is an error
};

/// A small vector to fill, as float32.
struct VectorTask {
  const checkpoint::TensorInfo* info = nullptr;
  std::vector<float>* target = nullptr;
  std::int64_t offset = 0; ///< first element inside the tensor
  std::int64_t stride = 1; ///< between elements (interleaved gate and up biases)
  std::int64_t count = 0;
  bool append = false;      ///< behind what an earlier task of the same target put there
  bool checkFinite = false; ///< as MatrixTask
};

/// Collects what has to be read, checking shapes and dtypes on the way; nothing is read yet.
class LoadPlan {
public:
  LoadPlan(const checkpoint::Checkpoint& checkpoint, const ModelConfig& config);

  /// Looks a tensor up and checks its shape. Errors: NotFound, InvalidFormat.
  base::Result<const checkpoint::TensorInfo*> require(const std::string& name,
                                                      std::vector<std::int64_t> shape);
  bool has(const std::string& name) const;

  /// Rows of a [rows, columns] tensor stored row by row; block-FP8 tensors come as F32.
  base::Result<MatrixPiece> piece(const std::string& name, std::int64_t rows, std::int64_t columns);
  /// Rows [firstRow, firstRow + rows) of slice `index` of a [slices, rowsPerSlice, columns] tensor.
  base::Result<MatrixPiece> slicePiece(const std::string& name, std::int64_t slices,
                                       std::int64_t index, std::int64_t rowsPerSlice,
                                       std::int64_t firstRow, std::int64_t rows,
                                       std::int64_t columns);
  /// The transpose of every `step`-th column from `first` of slice `index` of a
  /// [slices, columns, width] tensor: rows = (width - first + step - 1) / step.
  base::Result<MatrixPiece> transposedPiece(const std::string& name, std::int64_t slices,
                                            std::int64_t index, std::int64_t columns,
                                            std::int64_t width, std::int64_t first,
                                            std::int64_t step);
  /// Every `step`-th row from `first` of slice `index` of an MXFP4 tensor pair
  /// name_blocks [slices, allRows, columns/32, 16] and name_scales [slices, allRows, columns/32].
  base::Result<MatrixPiece> mxfp4Piece(const std::string& name, std::int64_t slices,
                                       std::int64_t index, std::int64_t allRows,
                                       std::int64_t columns, std::int64_t first, std::int64_t step);

  void matrix(std::string name, tensor::PackedMatrix& target, std::int64_t columns,
              std::vector<MatrixPiece> pieces, bool checkFinite = false);
  /// A whole vector of `count` elements; a leading dimension of 1 is allowed.
  base::Result<void> vector(const std::string& name, std::int64_t count, std::vector<float>& target,
                            bool append = false, bool checkFinite = false);
  /// Elements first, first + step, ... of row `index` of a [rows, width] tensor.
  base::Result<void> vectorRow(const std::string& name, std::int64_t rows, std::int64_t width,
                               std::int64_t index, std::int64_t first, std::int64_t step,
                               std::vector<float>& target);

  /// Error Unsupported if the checkpoint holds a tensor that nobody asked for, except those that
  /// are known not to take part (prediction layers beyond the stack, cached rotary frequencies,
  /// an LM head beside tied embeddings, the other parts of a multimodal wrapper). root: what
  /// precedes "layers." in the language model's tensor names.
  base::Result<void> checkNothingLeft(std::string_view root) const;

  std::uint64_t weightBytes() const;
  std::uint64_t parameters() const { return m_parameters; }
  const std::vector<MatrixTask>& matrices() const { return m_matrices; }
  const std::vector<VectorTask>& vectors() const { return m_vectors; }
  const checkpoint::Checkpoint& source() const { return m_checkpoint; }

private:
  base::Result<const checkpoint::TensorInfo*> requireFloat(const std::string& name,
                                                           std::vector<std::int64_t> shape);

  const checkpoint::Checkpoint& m_checkpoint;
  const ModelConfig& m_config;
  std::vector<MatrixTask> m_matrices;
  std::vector<VectorTask> m_vectors;
  std::unordered_set<std::string> m_used;
  std::uint64_t m_parameters = 0;
};

/// The dtype a matrix of these pieces is kept in: theirs if they agree, else F32.
tensor::DType commonDType(const std::vector<MatrixPiece>& pieces);

} // namespace switchyard::model
