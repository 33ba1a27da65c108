#include <cstdio>

#include "core/plugin/scaffold.h"

/// scaffold_tool KIND NAME FOLDER: what `switchyard plugins new` does.
int main(int count, char** arguments) {
  using namespace switchyard;
  if (count != 4)
    return 2;
  const auto kind = plugin::kindFromName(arguments[1]);
  if (!kind)
    return 2;
  const auto files = plugin::writeScaffold(
      {.kind = *kind, .name = arguments[2], .id = "", .folder = arguments[3]});
  if (!files) {
    std::fprintf(stderr, "%s\n", files.error().describe().c_str());
    return 1;
  }
}
