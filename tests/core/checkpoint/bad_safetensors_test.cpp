// Safetensors files that must be refused. "Item" numbers are those of the project's list of bad
// inputs; letters tell variants apart.

#include <chrono>
#include <functional>
#include <ostream>

#include "core/checkpoint/safetensors_file.h"
#include "tests/core/checkpoint/raw_file.h"

namespace switchyard::checkpoint {
namespace {

using base::ErrorCode;
using tests::rawEntry;
using tests::rawSafetensors;
using namespace std::string_literals;

struct BadFile {
  const char* name;
  std::function<std::string()> bytes;
  ErrorCode code;
  const char* says; ///< part of the message
};

void PrintTo(const BadFile& bad, std::ostream* out) {
  *out << bad.name;
}

std::string lengthOnly(std::uint64_t length) {
  std::string bytes;
  for (int i = 0; i < 8; ++i)
    bytes += static_cast<char>(length >> (8 * i) & 0xFF);
  return bytes;
}

/// A header with one tensor.
std::string one(std::string_view name, std::string_view dtype, std::string_view shape,
                std::string_view offsets, std::size_t dataBytes) {
  return rawSafetensors("{" + rawEntry(name, dtype, shape, offsets) + "}",
                        std::string(dataBytes, '\1'));
}

/// A header with two U8 vectors at these offsets.
std::string two(std::string_view first, std::string_view second, std::size_t dataBytes) {
  return rawSafetensors("{" + rawEntry("a", "U8", "[4]", first) + "," +
                            rawEntry("b", "U8", "[4]", second) + "}",
                        std::string(dataBytes, '\1'));
}

/// A header with one U8 tensor of 4 bytes of that name (in JSON's escapes).
std::string named(std::string_view name) {
  return one(name, "U8", "[4]", "[0,4]", 4);
}

std::string tinyTensors(int count) {
  std::string header = "{";
  for (int i = 0; i < count; ++i)
    header += rawEntry("t" + std::to_string(i), "U8", "[0]", "[0,0]") + ",";
  header.back() = '}';
  return rawSafetensors(header);
}

const BadFile kBadFiles[] = {
    {"Item01EmptyFile", [] { return ""s; }, ErrorCode::InvalidFormat, "too few"},
    {"Item02SevenBytes", [] { return "\2\0\0\0\0\0\0"s; }, ErrorCode::InvalidFormat, "too few"},
    {"Item03HeaderOfZeroBytes", [] { return lengthOnly(0) + "{}"; }, ErrorCode::InvalidFormat,
     "start with '{'"},
    {"Item04LengthTwoToThe64MinusOne", [] { return lengthOnly(~0ull) + "{}"; },
     ErrorCode::LimitExceeded, "18446744073709551615"},
    {"Item05LengthOneOverTheLimit", [] { return lengthOnly(100'000'001) + "{}"; },
     ErrorCode::LimitExceeded, "100000001"},
    {"Item06HeaderBeyondTheEnd", [] { return lengthOnly(3) + "{}"; }, ErrorCode::InvalidFormat,
     "cut off"},
    {"Item07NotUtf8", [] { return named("a\xFF"); }, ErrorCode::InvalidFormat, "not valid JSON"},
    {"Item07bLoneSurrogate", [] { return named("\\ud800"); }, ErrorCode::InvalidFormat,
     "not valid JSON"},
    {"Item08TruncatedJson", [] { return rawSafetensors(R"({"a":{"dtype":"U8")"); },
     ErrorCode::InvalidFormat, "does not end"},
    {"Item08TruncatedAfterAnEntry",
     [] { return rawSafetensors("{" + rawEntry("a", "U8", "[0]", "[0,0]")); },
     ErrorCode::InvalidFormat, "not valid JSON"},
    {"Item08bNotAnObject", [] { return rawSafetensors("[]"); }, ErrorCode::InvalidFormat,
     "start with '{'"},
    {"Item08cStartsWithASpace", [] { return rawSafetensors(" {}"); }, ErrorCode::InvalidFormat,
     "start with '{'"},
    {"Item08dNewlineAsPadding", [] { return rawSafetensors("{}\n"); }, ErrorCode::InvalidFormat,
     "spaces"},
    {"Item08eNulAsPadding", [] { return rawSafetensors("{}\0"s); }, ErrorCode::InvalidFormat,
     "spaces"},
    {"Item08fTwoDocuments", [] { return rawSafetensors("{}{}"); }, ErrorCode::InvalidFormat,
     "not valid JSON"},
    {"Item09DeepNesting",
     [] {
       return rawSafetensors("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') +
                             "}");
     },
     ErrorCode::InvalidFormat, "not a JSON object"},
    {"Item09bDeepNestingOfObjects",
     [] {
       std::string header = "{";
       for (int i = 0; i < 100'000; ++i)
         header += "\"a\":{";
       return rawSafetensors(header + std::string(100'001, '}'));
     },
     ErrorCode::Unsupported, "unknown key"},
    {"Item10DuplicateTensor",
     [] {
       return rawSafetensors("{" + rawEntry("a", "U8", "[4]", "[0,4]") + "," +
                                 rawEntry("b", "U8", "[0]", "[4,4]") + "," +
                                 rawEntry("a", "U8", "[4]", "[0,4]") + "}",
                             "1234");
     },
     ErrorCode::InvalidFormat, "twice"},
    {"Item10bDuplicateTensorEscapedDifferently",
     [] {
       return rawSafetensors("{" + rawEntry("a", "U8", "[2]", "[0,2]") + "," +
                                 rawEntry("\\u0061", "U8", "[2]", "[2,4]") + "}",
                             "1234");
     },
     ErrorCode::InvalidFormat, "twice"},
    {"Item10cDuplicateMetadata",
     [] { return rawSafetensors(R"({"__metadata__":{},"__metadata__":{}})"); },
     ErrorCode::InvalidFormat, "twice"},
    {"Item10dDuplicateMetadataKey",
     [] { return rawSafetensors(R"({"__metadata__":{"a":"1","a":"2"}})"); },
     ErrorCode::InvalidFormat, "twice"},
    {"Item11DuplicateDtype",
     [] {
       return rawSafetensors(
           R"({"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}})", "1234");
     },
     ErrorCode::InvalidFormat, "twice"},
    {"Item11bMissingShape",
     [] { return rawSafetensors(R"({"a":{"dtype":"U8","data_offsets":[0,4]}})", "1234"); },
     ErrorCode::InvalidFormat, "lacks"},
    {"Item11cUnknownKey",
     [] {
       return rawSafetensors(
           R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"strides":[1]}})", "1234");
     },
     ErrorCode::Unsupported, "strides"},
    {"Item11dMetadataThatIsNotText", [] { return rawSafetensors(R"({"__metadata__":{"a":1}})"); },
     ErrorCode::InvalidFormat, "strings"},
    {"Item12Overlap", [] { return two("[0,4]", "[2,6]", 6); }, ErrorCode::InvalidFormat, "overlap"},
    {"Item12bTheSameBytesTwice", [] { return two("[0,4]", "[0,4]", 4); }, ErrorCode::InvalidFormat,
     "overlap"},
    {"Item13Hole", [] { return two("[0,4]", "[6,10]", 10); }, ErrorCode::InvalidFormat, "holes"},
    {"Item13bHoleAtTheStart", [] { return two("[8,12]", "[4,8]", 12); }, ErrorCode::InvalidFormat,
     "holes"},
    {"Item14EndBeforeBegin", [] { return one("a", "U8", "[4]", "[4,0]", 4); },
     ErrorCode::InvalidFormat, "not a range"},
    {"Item15OffsetBeyondTheEnd", [] { return one("a", "U8", "[8]", "[0,8]", 4); },
     ErrorCode::InvalidFormat, "not a range"},
    {"Item15bLargestOffset",
     [] { return one("a", "U8", "[1]", "[18446744073709551614,18446744073709551615]", 4); },
     ErrorCode::InvalidFormat, "not a range"},
    {"Item15cThreeOffsets", [] { return one("a", "U8", "[4]", "[0,4,4]", 4); },
     ErrorCode::InvalidFormat, "data_offsets"},
    {"Item15dOneOffset", [] { return one("a", "U8", "[4]", "[4]", 4); }, ErrorCode::InvalidFormat,
     "data_offsets"},
    {"Item16TrailingByte", [] { return one("a", "U8", "[4]", "[0,4]", 5); },
     ErrorCode::InvalidFormat, "appended"},
    {"Item16bZipBehindEmptyHeader", [] { return rawSafetensors("{}", "PK\5\6"); },
     ErrorCode::InvalidFormat, "appended"},
    {"Item17ProductOverflow", [] { return one("a", "U8", "[4294967296,4294967296]", "[0,0]", 0); },
     ErrorCode::InvalidFormat, "overflows"},
    {"Item17bOverflowAfterZero",
     [] { return one("a", "U8", "[0,9223372036854775807,9223372036854775807]", "[0,0]", 0); },
     ErrorCode::InvalidFormat, "overflows"},
    {"Item17cOverflowBeforeZero",
     [] { return one("a", "U8", "[9223372036854775807,9223372036854775807,0]", "[0,0]", 0); },
     ErrorCode::InvalidFormat, "overflows"},
    {"Item17dLargestDimensions",
     [] { return one("a", "U8", "[0,18446744073709551615,18446744073709551615]", "[0,0]", 0); },
     ErrorCode::InvalidFormat, "18446744073709551615"},
    {"Item17eOverflowByElementSize",
     [] { return one("a", "F64", "[2305843009213693952]", "[0,0]", 0); }, ErrorCode::InvalidFormat,
     "overflows"},
    {"Item17fSizeThatContradictsTheShape", [] { return one("a", "F32", "[2]", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "takes 8 bytes"},
    {"Item18RankTenThousand",
     [] {
       std::string shape = "[1";
       for (int i = 1; i < 10'000; ++i)
         shape += ",1";
       return one("a", "U8", shape + "]", "[0,1]", 1);
     },
     ErrorCode::LimitExceeded, "dimensions"},
    {"Item18bRankNine", [] { return one("a", "U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]", 1); },
     ErrorCode::LimitExceeded, "dimensions"},
    {"Item19UnknownDtype", [] { return one("a", "Q4_0", "[4]", "[0,4]", 4); },
     ErrorCode::Unsupported, "Q4_0"},
    {"Item19bLowerCaseDtype", [] { return one("a", "f32", "[1]", "[0,4]", 4); },
     ErrorCode::Unsupported, "f32"},
    {"Item19cOddF4", [] { return one("a", "F4", "[3]", "[0,2]", 2); }, ErrorCode::InvalidFormat,
     "whole bytes"},
    {"Item19dF6ThatDoesNotFillBytes", [] { return one("a", "F6_E2M3", "[5]", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "whole bytes"},
    {"Item19eDtypeOfOneMebibyte",
     [] { return one("a", std::string(1 << 20, 'x'), "[4]", "[0,4]", 4); }, ErrorCode::Unsupported,
     "..."},
    {"Item20NegativeDimension", [] { return one("a", "U8", "[-1]", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "shape"},
    {"Item20bFraction", [] { return one("a", "U8", "[1.5]", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "shape"},
    {"Item20cFloatThatIsWhole", [] { return one("a", "U8", "[4.0]", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "shape"},
    {"Item20dBeyondDouble", [] { return one("a", "U8", "[1e400]", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "not valid JSON"},
    {"Item20eNotExactInDouble", [] { return one("a", "U8", "[9007199254740993]", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "takes 9007199254740993 bytes"},
    {"Item20fBeyondSixtyFourBits",
     [] { return one("a", "U8", "[18446744073709551616]", "[0,4]", 4); }, ErrorCode::InvalidFormat,
     "shape"},
    {"Item20gNullShape", [] { return one("a", "U8", "null", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "shape"},
    {"Item20hNestedShape", [] { return one("a", "U8", "[[4]]", "[0,4]", 4); },
     ErrorCode::InvalidFormat, "shape"},
    {"Item21NameWithNul", [] { return named("a\\u0000b"); }, ErrorCode::InvalidFormat, "U+0000"},
    {"Item21bNameWithNewline", [] { return named("a\\nb"); }, ErrorCode::InvalidFormat, "U+000A"},
    {"Item21cParentFolder", [] { return named("../a"); }, ErrorCode::InvalidFormat, "climbs"},
    {"Item21dParentFolderWithin", [] { return named("a\\\\..\\\\b"); }, ErrorCode::InvalidFormat,
     "climbs"},
    {"Item21eRightToLeftMark", [] { return named("a\\u202Eb"); }, ErrorCode::InvalidFormat,
     "U+202E"},
    {"Item21fRightToLeftMarkUnescaped", [] { return named("a\xE2\x80\x8F"); },
     ErrorCode::InvalidFormat, "U+200F"},
    {"Item21gOneMebibyte", [] { return named(std::string(1 << 20, 'x')); },
     ErrorCode::LimitExceeded, "1048576"},
    {"Item21hEmpty", [] { return named(""); }, ErrorCode::InvalidFormat, "empty"},
    {"Item22OneTensorOverTheLimit", [] { return tinyTensors(1'000'001); }, ErrorCode::LimitExceeded,
     "tensors"},
    {"Item22bMetadataBloat",
     [] {
       std::string header = "{\"__metadata__\":{";
       for (int i = 0; i <= 65'536; ++i)
         header += "\"" + std::to_string(i) + "\":\"\",";
       header.back() = '}';
       return rawSafetensors(header + "}");
     },
     ErrorCode::LimitExceeded, "__metadata__"},
};

class BadSafetensors : public tests::FolderTest, public ::testing::WithParamInterface<BadFile> {};

TEST_P(BadSafetensors, IsRefused) {
  const BadFile& bad = GetParam();
  const auto path = write("model.safetensors", bad.bytes());
  const auto file = SafetensorsFile::open(path);
  ASSERT_FALSE(file) << "it opened";
  EXPECT_EQ(file.error().code, bad.code) << file.error().describe();
  EXPECT_NE(file.error().message.find(bad.says), std::string::npos) << file.error().describe();
  EXPECT_EQ(file.error().where.file, path.string());
  EXPECT_LT(file.error().describe().size(), 2000u);
}

INSTANTIATE_TEST_SUITE_P(, BadSafetensors, ::testing::ValuesIn(kBadFiles),
                         [](const auto& info) { return info.param.name; });

class BadSafetensorsFile : public tests::FolderTest {};

TEST_F(BadSafetensorsFile, Item22AMillionTinyTensorsOpen) {
  const auto path = write("model.safetensors", tinyTensors(1'000'000));
  const auto begin = std::chrono::steady_clock::now();
  const auto file = SafetensorsFile::open(path);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(file) << file.error().describe();
  EXPECT_EQ(file->tensors().size(), 1'000'000u);
  EXPECT_NE(file->find("t999999"), nullptr);
  EXPECT_EQ(file->find("t1000000"), nullptr);
  EXPECT_LT(seconds.count(), 60) << "far beyond what even a slow machine needs";
}

TEST_F(BadSafetensorsFile, Item25TruncatedWhileOpen) {
  const auto path = write("model.safetensors", one("a", "U8", "[100000]", "[0,100000]", 100'000));
  const auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file) << file.error().describe();
  std::filesystem::resize_file(path, 2'000);
  std::string bytes(100'000, '\0');
  const auto read = file->read(file->tensors()[0], 0, std::as_writable_bytes(std::span(bytes)));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(read.error().where.tensor, "a");
  EXPECT_EQ(read.error().where.file, path.string());
}

/// A small file with metadata, two tensors and padding.
std::string goodFile() {
  return rawSafetensors(R"({"__metadata__":{"format":"pt"},)" +
                            rawEntry("weight", "F32", "[2,1]", "[0,8]") + "," +
                            rawEntry("scale", "BF16", "[]", "[8,10]") + "}    ",
                        "0123456789");
}

TEST_F(BadSafetensorsFile, EveryTruncationIsRefused) {
  const std::string good = goodFile();
  ASSERT_TRUE(SafetensorsFile::open(write("model.safetensors", good)));
  for (std::size_t length = 0; length < good.size(); ++length) {
    const auto file = SafetensorsFile::open(write("model.safetensors", good.substr(0, length)));
    EXPECT_FALSE(file) << "cut to " << length << " bytes";
  }
}

TEST_F(BadSafetensorsFile, EveryFlippedBitIsRefusedOrLeavesAConsistentFile) {
  const std::string good = goodFile();
  const std::size_t header = good.size() - 10;
  for (std::size_t bit = 0; bit < header * 8; ++bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    const auto file = SafetensorsFile::open(write("model.safetensors", bytes));
    if (!file)
      continue;
    for (const TensorInfo& info : file->tensors()) {
      EXPECT_LE(info.end, bytes.size()) << "bit " << bit;
      std::string data(info.bytes(), '\0');
      EXPECT_TRUE(file->read(info, 0, std::as_writable_bytes(std::span(data)))) << "bit " << bit;
    }
  }
}

} // namespace
} // namespace switchyard::checkpoint
