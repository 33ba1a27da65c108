// The main() of fuzz targets where libFuzzer is not linked: runs the target over its corpus and
// over a fixed number of seeded mutations of it. NAME.current keeps the input being run; after a
// crash it holds the one that caused it.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "tests/fuzz/mutate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

class CurrentInput {
public:
  explicit CurrentInput(fs::path path)
      : m_path(std::move(path)),
        m_descriptor(::open(m_path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {}
  ~CurrentInput() {
    ::close(m_descriptor);
    ::unlink(m_path.c_str());
  }
  CurrentInput(const CurrentInput&) = delete;
  CurrentInput& operator=(const CurrentInput&) = delete;

  bool run(const std::string& input) const {
    const auto size = static_cast<ssize_t>(input.size());
    if (::pwrite(m_descriptor, input.data(), input.size(), 0) != size ||
        ::ftruncate(m_descriptor, size) != 0)
      return false;
    // A copy of its own on the heap, so that a sanitizer sees a read past the end.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    return true;
  }

private:
  fs::path m_path;
  int m_descriptor;
};

std::vector<std::string> readCorpus(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file())
      paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> corpus;
  for (const fs::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3 || !fs::is_directory(argv[1])) {
    std::cerr << "usage: " << argv[0] << " CORPUS_FOLDER MUTATIONS\n";
    return EXIT_FAILURE;
  }
  const std::vector<std::string> corpus = readCorpus(argv[1]);
  const long mutations = std::strtol(argv[2], nullptr, 10);
  if (corpus.empty()) {
    std::cerr << argv[1] << " is empty\n";
    return EXIT_FAILURE;
  }
  const CurrentInput current(fs::path(argv[0]).filename().string() + ".current");
  constexpr std::size_t kMaxBytes = 1 << 20;
  bool running = std::ranges::all_of(
      corpus, [&current](const std::string& input) { return current.run(input); });
  for (long i = 0; i < mutations && running; ++i) {
    switchyard::base::Rng rng(1, static_cast<std::uint64_t>(i));
    running = current.run(switchyard::tests::mutate(corpus, rng, kMaxBytes));
  }
  if (!running) {
    std::cerr << "cannot write the current input to this folder\n";
    return EXIT_FAILURE;
  }
  std::cout << corpus.size() << " inputs and " << mutations << " mutations of them ran\n";
  return EXIT_SUCCESS;
}
