#pragma once

#include <type_traits>

#include "core/plugin/sdk/host.hpp"
#include "core/plugin/sdk/options.hpp"

SY_SDK_NAMESPACE_BEGIN

/// What every kind's base class shares.
class PluginObject {
public:
  virtual ~PluginObject() = default;

protected:
  /// The host's services; from the constructor's end on (take a Host there if it is needed before).
  const Host& host() const { return m_host; }

private:
  template <typename T> friend struct Instance;
  Host m_host;
};

/// An author's object with the options it was made from, so that an empty twin can be made.
template <typename T> struct Instance {
  Instance(const Host& host, Options given)
      : options(std::move(given)), object(make(host, options)) {
    object.m_host = host;
  }
  Instance(const Host& host, const Instance& other) : options(other.options), object(other.object) {
    object.m_host = host;
  }

  Options options;
  T object;

private:
  static T make(const Host& host, const Options& options) {
    if constexpr (std::is_constructible_v<T, const Host&, const Options&>) {
      return T(host, options);
    } else {
      static_assert(std::is_constructible_v<T, const Options&>,
                    "a plugin class needs a constructor from (const Options&) or (const Host&, "
                    "const Options&)");
      return T(options);
    }
  }
};

template <typename T>
sy_status createInstance(const sy_host* host, const sy_options* options, void** instance,
                         sy_error* error) noexcept {
  return guarded(error, [&] { *instance = new Instance<T>(Host(host), Options(options)); });
}

template <typename T> void destroyInstance(void* instance) noexcept {
  delete static_cast<Instance<T>*>(instance);
}

template <typename T> T& objectOf(void* instance) {
  return static_cast<Instance<T>*>(instance)->object;
}
template <typename T> const T& objectOf(const void* instance) {
  return static_cast<const Instance<T>*>(instance)->object;
}

SY_SDK_NAMESPACE_END
