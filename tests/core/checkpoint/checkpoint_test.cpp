// Checkpoint folders. "Item" numbers are those of the project's list of bad inputs.

#include <chrono>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/weight_index.h"
#include "tests/core/checkpoint/raw_file.h"

namespace switchyard::checkpoint {
namespace {

using base::ErrorCode;
using tests::rawEntry;
using tests::rawSafetensors;
namespace fs = std::filesystem;

/// A file with U8 tensors of one byte each.
std::string shard(std::initializer_list<std::string_view> names, std::string_view data) {
  std::string header = "{";
  std::size_t offset = 0;
  for (const std::string_view name : names) {
    const std::string range = "[" + std::to_string(offset) + "," + std::to_string(offset + 1) + "]";
    header += rawEntry(name, "U8", "[1]", range) + ",";
    ++offset;
  }
  header.back() = '}';
  return rawSafetensors(header, data);
}

constexpr const char* kIndexName = "model.safetensors.index.json";

class CheckpointTest : public tests::FolderTest {
protected:
  void index(std::string_view weightMap) {
    write(kIndexName, "{\"metadata\":{\"total_size\":-5,\"x\":[[1.5,null],{\"y\":true}]},"
                      "\"weight_map\":" +
                          std::string(weightMap) + "}");
  }
  base::Error failure(const fs::path& folder) const {
    const auto checkpoint = Checkpoint::open(folder);
    EXPECT_FALSE(checkpoint) << "it opened";
    return checkpoint ? base::Error{ErrorCode::Internal, "", {}} : checkpoint.error();
  }
  base::Error failure() const { return failure(m_folder); }

  static std::string read(const Checkpoint& checkpoint, std::string_view name) {
    const TensorInfo* info = checkpoint.find(name);
    if (!info)
      return "no such tensor";
    std::string bytes(info->bytes(), '\0');
    const auto done = checkpoint.read(*info, 0, std::as_writable_bytes(std::span(bytes)));
    return done ? bytes : done.error().describe();
  }

  static constexpr const char* kHash =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
};

TEST_F(CheckpointTest, ASingleFile) {
  write("model.safetensors", shard({"a", "b"}, "12"));
  const auto checkpoint = Checkpoint::open(m_folder);
  ASSERT_TRUE(checkpoint) << checkpoint.error().describe();
  EXPECT_EQ(read(*checkpoint, "a"), "1");
  EXPECT_EQ(read(*checkpoint, "b"), "2");
  EXPECT_EQ(checkpoint->find("c"), nullptr);
}

TEST_F(CheckpointTest, Shards) {
  write("x-00001.safetensors", shard({"b", "d"}, "24"));
  write("x-00002.safetensors", shard({"a", "c", "extra"}, "135"));
  index(R"({"d":"x-00001.safetensors","a":"x-00002.safetensors",
            "b":"x-00001.safetensors","c":"x-00002.safetensors"})");
  const auto checkpoint = Checkpoint::open(m_folder);
  ASSERT_TRUE(checkpoint) << checkpoint.error().describe();
  std::string values;
  for (const TensorInfo& info : checkpoint->tensors())
    values += read(*checkpoint, info.name);
  EXPECT_EQ(values, "12345") << "sorted by name; a tensor that the index leaves out counts";
}

TEST_F(CheckpointTest, TheGoldenShardsHoldWhatTheirIndexLists) {
  const fs::path folder = fs::path(SY_TEST_DATA) / "golden" / "models" / "qwen3_moe-bf16-sharded";
  const auto checkpoint = Checkpoint::open(folder);
  ASSERT_TRUE(checkpoint) << checkpoint.error().describe();
  const auto index = nlohmann::json::parse(std::ifstream(folder / kIndexName));
  EXPECT_EQ(checkpoint->tensors().size(), index.at("weight_map").size());
  std::uint64_t bytes = 0;
  for (const TensorInfo& info : checkpoint->tensors()) {
    EXPECT_EQ(info.dtype, tensor::DType::BF16) << info.name;
    EXPECT_TRUE(index.at("weight_map").contains(info.name)) << info.name;
    bytes += info.bytes();
  }
  EXPECT_EQ(bytes, index.at("metadata").at("total_size").get<std::uint64_t>());
}

TEST_F(CheckpointTest, AFolderWithoutWeights) {
  EXPECT_EQ(failure().code, ErrorCode::NotFound);
  EXPECT_EQ(failure(m_folder / "missing").code, ErrorCode::NotFound);
  EXPECT_EQ(failure(write("file", "")).code, ErrorCode::NotFound);
}

TEST_F(CheckpointTest, Item25AShardTruncatedWhileOpen) {
  write("model.safetensors", shard({"a", "b"}, "12"));
  const auto checkpoint = Checkpoint::open(m_folder);
  ASSERT_TRUE(checkpoint);
  fs::resize_file(m_folder / "model.safetensors", 20);
  EXPECT_NE(read(*checkpoint, "b").find("cut off"), std::string::npos);
}

TEST_F(CheckpointTest, Item26WeightMapThatLeavesTheFolder) {
  const fs::path outside = write("outside/secret.safetensors", shard({"a"}, "1"));
  fs::create_directories(m_folder / "model");
  for (const std::string& name :
       {std::string("../../etc/passwd"), std::string("/etc/passwd"),
        std::string("../outside/secret.safetensors"), outside.string(),
        std::string("sub/x.safetensors"), std::string("C:\\\\x.safetensors"),
        std::string("C:x.safetensors"), std::string("\\\\\\\\host\\\\share\\\\x.safetensors"),
        std::string("//host/share/x.safetensors"), std::string("..\\\\x.safetensors"),
        std::string(".."), std::string("."), std::string(""), std::string(".safetensors"),
        std::string("x.safetensors/"), std::string("x.bin"), std::string("x.SAFETENSORS"),
        std::string("x\\u0000.safetensors"), std::string(300, 'x') + ".safetensors"}) {
    write(fs::path("model") / kIndexName, "{\"weight_map\":{\"a\":\"" + name + "\"}}");
    const base::Error error = failure(m_folder / "model");
    EXPECT_EQ(error.code, ErrorCode::InvalidFormat) << name << ": " << error.describe();
    EXPECT_EQ(error.where.tensor, "a") << name;
  }
}

TEST_F(CheckpointTest, Item27SpecialFilesAreRefusedWithoutBlocking) {
  index(R"({"a":"x.safetensors"})");
  const fs::path path = m_folder / "x.safetensors";
  const auto begin = std::chrono::steady_clock::now();

  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(failure().code, ErrorCode::InvalidFormat);
  fs::remove(path);

  fs::create_directory(path);
  EXPECT_EQ(failure().code, ErrorCode::InvalidFormat);
  fs::remove(path);

  for (const char* target : {"/dev/zero", "x.safetensors", "y.safetensors", "/etc/passwd",
                             "../../blobs/0123456789abcdef0123456789abcdef"}) {
    fs::create_symlink(target, path);
    const base::Error error = failure();
    EXPECT_EQ(error.code, ErrorCode::InvalidFormat) << target << ": " << error.describe();
    EXPECT_EQ(error.where.file, path.string()) << target;
    fs::remove(path);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 10);
}

TEST_F(CheckpointTest, Item27TheSameForASingleFile) {
  fs::create_symlink("model.safetensors", m_folder / "model.safetensors");
  EXPECT_EQ(failure().code, ErrorCode::InvalidFormat);
  fs::remove(m_folder / "model.safetensors");
  ASSERT_EQ(::mkfifo((m_folder / "model.safetensors").c_str(), 0600), 0);
  EXPECT_EQ(failure().code, ErrorCode::InvalidFormat);
}

TEST_F(CheckpointTest, Item27LinksOfTheHuggingFaceCacheWork) {
  write(fs::path("blobs") / kHash, shard({"a"}, "1"));
  const fs::path snapshot = m_folder / "snapshots" / "rev";
  fs::create_directories(snapshot);
  fs::create_symlink(fs::path("../../blobs") / kHash, snapshot / "model.safetensors");
  const auto checkpoint = Checkpoint::open(snapshot);
  ASSERT_TRUE(checkpoint) << checkpoint.error().describe();
  EXPECT_EQ(read(*checkpoint, "a"), "1");

  fs::create_directory_symlink(snapshot, m_folder / "shortcut");
  EXPECT_TRUE(Checkpoint::open(m_folder / "shortcut")) << "a folder may be reached by a link";
}

TEST_F(CheckpointTest, Item27ShardsAndIndexInTheHuggingFaceCache) {
  const std::string indexHash(40, 'a');
  write(fs::path("blobs") / kHash, shard({"a"}, "1"));
  write(fs::path("blobs") / indexHash, R"({"weight_map":{"a":"x.safetensors"}})");
  const fs::path snapshot = m_folder / "snapshots" / "rev";
  fs::create_directories(snapshot);
  fs::create_symlink(fs::path("../../blobs") / kHash, snapshot / "x.safetensors");
  fs::create_symlink(fs::path("../../blobs") / indexHash, snapshot / kIndexName);
  const auto checkpoint = Checkpoint::open(snapshot);
  ASSERT_TRUE(checkpoint) << checkpoint.error().describe();
  EXPECT_EQ(read(*checkpoint, "a"), "1");
}

TEST_F(CheckpointTest, Item27LinksThatOnlyLookLikeTheCacheAreRefused) {
  const fs::path snapshot = m_folder / "snapshots" / "rev";
  const fs::path link = snapshot / "model.safetensors";
  fs::create_directories(snapshot);
  write(fs::path("blobs") / kHash, shard({"a"}, "1"));
  write("secret", shard({"a"}, "1"));
  write("blobs/sub/0123456789abcdef0123456789abcdef", shard({"a"}, "1"));
  fs::create_symlink("../secret", m_folder / "blobs" / std::string(40, 'b'));
  fs::create_symlink(std::string(40, 'c'), m_folder / "blobs" / std::string(40, 'c'));

  const fs::path blobs = "../../blobs";
  for (const fs::path& target :
       {fs::path("../../secret"), fs::path("../../blobs/../secret"), blobs / "passwords",
        blobs / "sub" / "0123456789abcdef0123456789abcdef", m_folder / "blobs" / kHash,
        blobs / "." / kHash, fs::path("../../../") / m_folder.filename() / "blobs" / kHash,
        blobs / std::string(40, 'b'), blobs / std::string(40, 'c')}) {
    fs::create_symlink(target, link);
    const base::Error error = failure(snapshot);
    EXPECT_EQ(error.code, ErrorCode::InvalidFormat) << target << ": " << error.describe();
    fs::remove(link);
  }
  fs::create_symlink(blobs / std::string(40, 'd'), link);
  EXPECT_EQ(failure(snapshot).code, ErrorCode::NotFound) << "a link to a blob that is gone";
}

TEST_F(CheckpointTest, Item28ATensorMissingFromItsShard) {
  write("x.safetensors", shard({"a"}, "1"));
  write("y.safetensors", shard({"b"}, "2"));
  index(R"({"a":"x.safetensors","b":"x.safetensors","c":"y.safetensors"})");
  base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_EQ(error.where.tensor, "b") << "it is in another shard than the index says";
  index(R"({"a":"x.safetensors","b":"y.safetensors","c":"y.safetensors"})");
  error = failure();
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_EQ(error.where.tensor, "c");
}

TEST_F(CheckpointTest, Item28ATensorInTwoShards) {
  write("x.safetensors", shard({"a", "b"}, "12"));
  write("y.safetensors", shard({"a", "c"}, "13"));
  index(R"({"a":"x.safetensors","b":"x.safetensors","c":"y.safetensors"})");
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::InvalidFormat);
  EXPECT_EQ(error.where.tensor, "a");
  EXPECT_NE(error.message.find("x.safetensors and in y.safetensors"), std::string::npos)
      << error.describe();
}

TEST_F(CheckpointTest, Item28AMissingShard) {
  write("x.safetensors", shard({"a"}, "1"));
  index(R"({"a":"x.safetensors","b":"y.safetensors"})");
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_EQ(error.where.file, (m_folder / "y.safetensors").string());
}

TEST_F(CheckpointTest, Item28IndexesThatAreNoIndex) {
  write("x.safetensors", shard({"a"}, "1"));
  const std::string deep = "{\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  const std::pair<std::string, ErrorCode> cases[] = {
      {"", ErrorCode::InvalidFormat},
      {"[]", ErrorCode::InvalidFormat},
      {"5", ErrorCode::InvalidFormat},
      {"{}", ErrorCode::InvalidFormat},
      {"{\"weight_map\":[]}", ErrorCode::InvalidFormat},
      {"{\"weight_map\":\"x.safetensors\"}", ErrorCode::InvalidFormat},
      {"{\"weight_map\":{\"a\":1}}", ErrorCode::InvalidFormat},
      {"{\"weight_map\":{\"a\":{}}}", ErrorCode::InvalidFormat},
      {"{\"weight_map\":{\"a\":[\"x.safetensors\"]}}", ErrorCode::InvalidFormat},
      {"{\"weight_map\":{\"\":\"x.safetensors\"}}", ErrorCode::InvalidFormat},
      {R"({"weight_map":{"a":"x.safetensors","a":"x.safetensors"}})", ErrorCode::InvalidFormat},
      {R"({"weight_map":{"a":"x.safetensors"},"weight_map":{}})", ErrorCode::InvalidFormat},
      {R"({"weight_map":{"a":"x.safetensors"}} x)", ErrorCode::InvalidFormat},
      {R"({"weight_map":{"a":"x.safetensors")", ErrorCode::InvalidFormat},
      {deep, ErrorCode::LimitExceeded},
  };
  for (const auto& [text, code] : cases) {
    write(kIndexName, text);
    const base::Error error = failure();
    EXPECT_EQ(error.code, code) << text.substr(0, 80) << ": " << error.describe();
    EXPECT_EQ(error.where.file, (m_folder / kIndexName).string()) << error.describe();
  }
}

TEST_F(CheckpointTest, Item28TooManyShardsOrTensors) {
  std::string text = "{\"weight_map\":{";
  for (int i = 0; i <= 4096; ++i)
    text += "\"t" + std::to_string(i) + "\":\"" + std::to_string(i) + ".safetensors\",";
  text.back() = '}';
  const auto shards = parseWeightIndex(text + "}", {});
  ASSERT_FALSE(shards);
  EXPECT_EQ(shards.error().code, ErrorCode::LimitExceeded);
  text = "{\"weight_map\":{";
  for (int i = 0; i <= 1'000'000; ++i)
    text += "\"" + std::to_string(i) + "\":\"x.safetensors\",";
  text.back() = '}';
  const auto tensors = parseWeightIndex(text + "}", {});
  ASSERT_FALSE(tensors);
  EXPECT_EQ(tensors.error().code, ErrorCode::LimitExceeded);
}

} // namespace
} // namespace switchyard::checkpoint
