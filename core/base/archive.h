#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace switchyard::base {

/// Values as bytes for another process of the same program. One description serves both ways: a
/// type names its members once, in
///   template <typename Archive> static void exchange(auto& self, Archive& archive) {
///     archive(self.tokens, self.counts);
///   }
/// A vector must have its size before it is read; what grows goes through archive.grown(). Numbers
/// are stored as the machine has them.
class ArchiveWriter {
public:
  template <typename... Values> void operator()(const Values&... values) { (put(values), ...); }
  template <typename Value> void grown(const std::vector<Value>& values) {
    put(std::uint64_t{values.size()});
    putAll(values.data(), values.size());
  }
  void grown(const std::string& text) {
    put(std::uint64_t{text.size()});
    m_bytes.append(text);
  }
  /// `count` values as they are.
  template <typename Value> void raw(const Value* values, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<Value>);
    m_bytes.append(reinterpret_cast<const char*>(values), count * sizeof(Value));
  }
  std::string take() { return std::move(m_bytes); }

private:
  template <typename Value> void put(const Value& value) {
    if constexpr (requires(ArchiveWriter & archive) { Value::exchange(value, archive); })
      Value::exchange(value, *this);
    else
      raw(&value, 1);
  }
  template <typename Value> void put(const std::vector<Value>& values) { grown(values); }
  template <typename Value, std::size_t N> void put(const std::array<Value, N>& values) {
    putAll(values.data(), N);
  }
  template <typename Value> void putAll(const Value* values, std::size_t count) {
    if constexpr (std::is_arithmetic_v<Value>)
      raw(values, count);
    else
      for (std::size_t i = 0; i < count; ++i)
        put(values[i]);
  }

  std::string m_bytes;
};

/// Reads what ArchiveWriter wrote. Bytes that do not fit make it fail: from then on nothing is read
/// and ok() is false.
class ArchiveReader {
public:
  explicit ArchiveReader(std::string_view bytes) : m_left(bytes) {}

  template <typename... Values> void operator()(Values&... values) { (get(values), ...); }
  template <typename Value> void grown(std::vector<Value>& values) {
    values.resize(count());
    getAll(values.data(), values.size());
  }
  void grown(std::string& text) {
    text.resize(count());
    raw(text.data(), text.size());
  }
  template <typename Value> void raw(Value* values, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<Value>);
    if (count > m_left.size() / sizeof(Value))
      return fail();
    if (count > 0)
      std::memcpy(values, m_left.data(), count * sizeof(Value));
    m_left.remove_prefix(count * sizeof(Value));
  }
  /// A number of things of at least a byte each that follow; 0 once failed.
  std::size_t count() {
    std::uint64_t value = 0;
    get(value);
    if (value > m_left.size())
      fail();
    return ok() ? static_cast<std::size_t>(value) : 0;
  }
  void fail() {
    m_failed = true;
    m_left = {};
  }
  bool ok() const { return !m_failed; }
  /// Whether everything was read and fitted.
  bool finished() const { return ok() && m_left.empty(); }

private:
  template <typename Value> void get(Value& value) {
    if constexpr (requires(ArchiveReader & archive) { Value::exchange(value, archive); })
      Value::exchange(value, *this);
    else
      raw(&value, 1);
  }
  template <typename Value> void get(std::vector<Value>& values) {
    if (count() != values.size())
      return fail();
    getAll(values.data(), values.size());
  }
  template <typename Value, std::size_t N> void get(std::array<Value, N>& values) {
    getAll(values.data(), N);
  }
  template <typename Value> void getAll(Value* values, std::size_t count) {
    if constexpr (std::is_arithmetic_v<Value>)
      raw(values, count);
    else
      for (std::size_t i = 0; i < count && ok(); ++i)
        get(values[i]);
  }

  std::string_view m_left;
  bool m_failed = false;
};

} // namespace switchyard::base
