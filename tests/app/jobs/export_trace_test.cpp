#include "app/jobs/export_trace.h"

#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "tests/core/trace/synthetic.h"

namespace switchyard::jobs {
namespace {

using base::ErrorCode;
using namespace trace::testing;

constexpr std::int64_t kSequences = 4; ///< the last one spans several chunks

/// An array as a foreign program sees it.
struct Array {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::string bytes;

  template <typename Value> Value at(std::int64_t index) const {
    Value value{};
    std::memcpy(&value, bytes.data() + index * static_cast<std::int64_t>(sizeof(Value)),
                sizeof(Value));
    return value;
  }
};
using Arrays = std::map<std::string, Array>;

std::uint64_t little(const std::string& bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = count; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

/// Reads an npz by its central directory, checking sizes and CRCs, as APPNOTE says.
Arrays readNpz(const std::filesystem::path& path) {
  const std::string file = bytesOf(path);
  const std::size_t end = file.size() - 22;
  EXPECT_EQ(little(file, end, 4), 0x06054b50u);
  const std::size_t locator = end - 20;
  EXPECT_EQ(little(file, locator, 4), 0x07064b50u);
  const auto end64 = static_cast<std::size_t>(little(file, locator + 8, 8));
  EXPECT_EQ(little(file, end64, 4), 0x06064b50u);
  const std::uint64_t count = little(file, end64 + 32, 8);
  auto at = static_cast<std::size_t>(little(file, end64 + 48, 8));
  Arrays arrays;
  for (std::uint64_t i = 0; i < count; ++i) {
    EXPECT_EQ(little(file, at, 4), 0x02014b50u);
    const auto nameSize = static_cast<std::size_t>(little(file, at + 28, 2));
    const std::string name = file.substr(at + 46, nameSize);
    const std::size_t extra = at + 46 + nameSize;
    EXPECT_EQ(little(file, extra, 2), 1u);
    const auto size = static_cast<std::size_t>(little(file, extra + 4, 8));
    const auto local = static_cast<std::size_t>(little(file, extra + 20, 8));
    EXPECT_EQ(little(file, local, 4), 0x04034b50u);
    const std::size_t data = local + 30 + nameSize + little(file, local + 28, 2);
    const std::string member = file.substr(data, size);
    EXPECT_EQ(
        ::crc32(0, reinterpret_cast<const Bytef*>(member.data()), static_cast<uInt>(member.size())),
        little(file, at + 16, 4));
    EXPECT_EQ(member.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    const auto headerSize = static_cast<std::size_t>(little(member, 8, 2));
    EXPECT_EQ((10 + headerSize) % 64, 0u);
    std::string header = member.substr(10, headerSize);
    Array array;
    array.dtype = header.substr(header.find("'descr': '") + 10);
    array.dtype.resize(array.dtype.find('\''));
    std::istringstream dims(header.substr(header.find("'shape': (") + 10));
    for (std::int64_t dim = 0; dims >> dim; dims.ignore(1))
      array.shape.push_back(dim);
    array.bytes = member.substr(10 + headerSize);
    EXPECT_EQ(name.substr(name.size() - 4), ".npy");
    arrays[name.substr(0, name.size() - 4)] = array;
    at = extra + little(file, at + 30, 2);
  }
  return arrays;
}

Arrays readSafetensors(const std::filesystem::path& path, nlohmann::json& metadata) {
  const std::string file = bytesOf(path);
  const auto headerSize = static_cast<std::size_t>(little(file, 0, 8));
  const auto header = nlohmann::json::parse(file.substr(8, headerSize));
  Arrays arrays;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      metadata = entry;
      continue;
    }
    const auto begin = entry["data_offsets"][0].get<std::size_t>();
    const auto end = entry["data_offsets"][1].get<std::size_t>();
    arrays[name] = {entry["dtype"], entry["shape"].get<std::vector<std::int64_t>>(),
                    file.substr(8 + headerSize + begin, end - begin)};
  }
  return arrays;
}

void expectArrays(const Arrays& arrays, const std::string& i64, const std::string& f32) {
  const Shape shape;
  for (std::int64_t s = 0; s < kSequences; ++s) {
    const std::string p = "s" + std::to_string(s) + ".";
    const std::int64_t T = lengthOf(s);
    const Array& ids = arrays.at(p + "ids");
    EXPECT_EQ(ids.dtype, i64);
    EXPECT_EQ(ids.shape, (std::vector{T}));
    EXPECT_EQ(ids.at<std::int64_t>(T - 1), tokenOf(s, T - 1, 40));
    for (std::size_t l = 0; l < shape.layers.size(); ++l) {
      const trace::LayerInfo& info = shape.layers[l];
      const int layer = static_cast<int>(l);
      const std::string q = p + "l" + std::to_string(info.layer) + ".";
      const Array& experts = arrays.at(q + "experts");
      EXPECT_EQ(experts.dtype, i64);
      EXPECT_EQ(experts.shape, (std::vector<std::int64_t>{T, info.k}));
      for (std::int64_t r = 0; r < T; ++r)
        for (int slot = 0; slot < info.k; ++slot)
          ASSERT_EQ(experts.at<std::int64_t>(r * info.k + slot),
                    idsOf(info, s, layer, r)[static_cast<std::size_t>(slot)]);
      EXPECT_EQ(arrays.at(q + "weights").dtype, f32);
      EXPECT_EQ(arrays.at(q + "weights").at<float>(T * info.k - 1),
                trace::testing::weightOf(s, layer, T - 1, info.k - 1));
      EXPECT_EQ(arrays.at(q + "norms").at<float>(0), normOf(s, layer, 0, 0));
      const Array& logits = arrays.at(q + "router_logits");
      EXPECT_EQ(logits.shape, (std::vector<std::int64_t>{T, info.experts}));
      EXPECT_EQ(logits.at<float>(T * info.experts - 1), logitOf(s, layer, T - 1, info.experts - 1));
    }
    const Array& hidden = arrays.at(p + "hidden");
    EXPECT_EQ(hidden.shape, (std::vector<std::int64_t>{6, T, 6}));
    EXPECT_EQ(hidden.at<float>(0), hiddenOf(s, 0, 0, 0));
    EXPECT_EQ(hidden.at<float>(4 * T * 6), hiddenOf(s, 4, 0, 0));
    EXPECT_EQ(hidden.at<float>(6 * T * 6 - 1), hiddenOf(s, 6, T - 1, 5)) << "after the final norm";
    EXPECT_EQ(arrays.at(p + "lm_logits").shape, (std::vector<std::int64_t>{T, 40}));
    EXPECT_EQ(arrays.at(p + "lm_logits").at<float>(T * 40 - 1), lmLogitOf(s, T - 1, 39));
    EXPECT_EQ(arrays.at(p + "predicted").at<std::int64_t>(T - 1), predictedOf(s, T - 1, 40));
  }
}

class ExportTrace : public ::testing::Test {
protected:
  void SetUp() override {
    recordAll(m_folder / "t.swy", {}, kAllColumns, kSequences);
    m_trace = trace::Trace::open(m_folder / "t.swy").value();
  }
  std::filesystem::path exported(ExportFormat format) {
    const auto path = m_folder / "out";
    const auto summary = exportTrace(m_trace, {.format = format, .out = path});
    EXPECT_TRUE(summary) << summary.error().describe();
    EXPECT_EQ(summary->sequences, kSequences);
    EXPECT_EQ(!summary->leftOut.empty(), format == ExportFormat::Csv);
    return path;
  }
  TemporaryFolder m_folder;
  std::shared_ptr<const trace::Trace> m_trace;
};

TEST_F(ExportTrace, Safetensors) {
  nlohmann::json metadata;
  expectArrays(readSafetensors(exported(ExportFormat::Safetensors), metadata), "I64", "F32");
  const auto sequences = nlohmann::json::parse(metadata["sequences"].get<std::string>());
  EXPECT_EQ(sequences[3]["prompt_length"], 1500);
  EXPECT_EQ(sequences[3]["rows"], 3000);
  EXPECT_EQ(sequences[0]["labels"]["domain"], "python");
  EXPECT_EQ(metadata["family"], "qwen3_moe");
}

TEST_F(ExportTrace, Npz) {
  const Arrays arrays = readNpz(exported(ExportFormat::Npz));
  expectArrays(arrays, "<i8", "<f4");
  const Array& metadata = arrays.at("metadata");
  EXPECT_EQ(metadata.dtype, "<U" + std::to_string(metadata.bytes.size() / 4));
  std::string latin;
  bool umlaut = false;
  for (std::size_t i = 0; i < metadata.bytes.size() / 4; ++i) {
    const auto point = metadata.at<char32_t>(static_cast<std::int64_t>(i));
    umlaut = umlaut || point == U'\u00fc';
    latin += point < 128 ? static_cast<char>(point) : '?';
  }
  EXPECT_TRUE(umlaut);
  EXPECT_EQ(nlohmann::json::parse(latin)["sequences"][3]["prompt_length"], 1500);
}

TEST_F(ExportTrace, Jsonl) {
  std::ifstream file(exported(ExportFormat::Jsonl));
  std::string line;
  std::int64_t s = 0;
  for (; std::getline(file, line); ++s) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row["sequence"], s);
    EXPECT_EQ(row["id"], "prompt-" + std::to_string(s));
    const std::int64_t T = lengthOf(s);
    EXPECT_EQ(row["ids"].size(), static_cast<std::size_t>(T));
    const auto last = static_cast<std::size_t>(T - 1);
    const trace::LayerInfo info{.layer = 4, .experts = 300, .k = 6};
    EXPECT_EQ(row["layers"][2]["layer"], 4);
    EXPECT_EQ(row["layers"][2]["experts"][last].get<std::vector<std::int32_t>>(),
              idsOf(info, s, 2, T - 1));
    EXPECT_EQ(row["layers"][2]["weights"][last][5].get<float>(),
              trace::testing::weightOf(s, 2, T - 1, 5));
    EXPECT_EQ(row["layers"][1]["router_logits"][last][255].get<float>(), logitOf(s, 1, T - 1, 255));
    EXPECT_EQ(row["hidden"][5][last][5].get<float>(), hiddenOf(s, 6, T - 1, 5));
    EXPECT_EQ(row["lm_logits"][last][39].get<float>(), lmLogitOf(s, T - 1, 39));
    EXPECT_EQ(row["predicted"][last], predictedOf(s, T - 1, 40));
  }
  EXPECT_EQ(s, kSequences);
}

TEST_F(ExportTrace, Csv) {
  std::ifstream file(exported(ExportFormat::Csv));
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "sequence,id,position,token,phase,predicted,layer,expert_0,expert_1,expert_2,"
                  "expert_3,expert_4,expert_5,weight_0,weight_1,weight_2,weight_3,weight_4,"
                  "weight_5,norm_0,norm_1,norm_2,norm_3,norm_4,norm_5");
  std::getline(file, line);
  std::vector<std::string> fields;
  std::istringstream row(line);
  for (std::string each; std::getline(row, each, ',');)
    fields.push_back(each);
  ASSERT_GE(fields.size(), 23u);
  EXPECT_EQ(fields[1], "prompt-0");
  EXPECT_EQ(fields[3], std::to_string(tokenOf(0, 0, 40)));
  EXPECT_EQ(fields[4], "prompt");
  EXPECT_EQ(fields[6], "1");
  EXPECT_EQ(fields[7], std::to_string(idsOf({.layer = 1, .experts = 32, .k = 4}, 0, 0, 0).front()));
  EXPECT_EQ(fields[11], "") << "layer 1 has four slots";
  EXPECT_EQ(std::stof(fields[13]), trace::testing::weightOf(0, 0, 0, 0));
  std::int64_t rows = 1, tokens = 0;
  while (std::getline(file, line))
    ++rows;
  for (std::int64_t s = 0; s < kSequences; ++s)
    tokens += lengthOf(s);
  EXPECT_EQ(rows, 3 * tokens);
}

TEST_F(ExportTrace, RefusesAndCancels) {
  const auto path = exported(ExportFormat::Csv);
  EXPECT_EQ(exportTrace(m_trace, {.format = ExportFormat::Npz, .out = path}).error().code,
            ErrorCode::InvalidArgument);
  EXPECT_TRUE(exportTrace(m_trace, {.format = ExportFormat::Npz, .out = path, .overwrite = true}));
  std::stop_source stop;
  stop.request_stop();
  base::RunControl control;
  control.stop = stop.get_token();
  for (const auto format :
       {ExportFormat::Safetensors, ExportFormat::Npz, ExportFormat::Csv, ExportFormat::Jsonl})
    EXPECT_EQ(
        exportTrace(m_trace, {.format = format, .out = m_folder / "none"}, control).error().code,
        ErrorCode::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(m_folder / "none"));
  EXPECT_EQ(parseExportFormat("xls").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(parseExportFormat("npz").value(), ExportFormat::Npz);
}

} // namespace
} // namespace switchyard::jobs
