// A plugin that loads well and then does whatever its option "mode" says. Written on the bare C
// tables, without the guards of the SDK.
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "core/plugin/abi.h"

namespace {

struct Object {
  std::string mode;
  const sy_host* host;
};

const Object& self(const void* instance) {
  return *static_cast<const Object*>(instance);
}
bool is(const void* instance, const char* mode) {
  return self(instance).mode == mode;
}

sy_status create(const sy_host* host, const sy_options* options, void** instance, sy_error* error) {
  const std::string mode = options->items[0]->strings[0];
  if (mode == "create-throws")
    throw std::runtime_error("create");
  if (mode == "create-fails") {
    std::strcpy(error->message, "this plugin does not feel like it \xff");
    *instance = reinterpret_cast<void*>(0x10);
    return SY_UNSUPPORTED;
  }
  if (mode == "create-null")
    return SY_OK;
  if (mode == "unknown-status")
    return 4711;
  *instance = new Object{mode, host};
  return SY_OK;
}

void destroy(void* instance) {
  const bool throws = is(instance, "destroy-throws");
  delete static_cast<Object*>(instance);
  if (throws)
    throw 1;
}

sy_status copy(const void* instance, const sy_host* host, void** out, sy_error*) {
  if (is(instance, "clone-fails"))
    return SY_INTERNAL;
  *out = new Object{self(instance).mode, host};
  return SY_OK;
}

std::uint32_t wants(const void* instance) {
  if (is(instance, "wants-throws"))
    throw 1;
  return SY_COLUMN_LOGITS;
}

sy_status beginLayers(void* instance, const sy_layer* const*, std::uint32_t, sy_error*) {
  if (is(instance, "begin-throws"))
    throw 1;
  return SY_OK;
}

sy_status add(void* instance, const sy_block*, sy_error*) {
  if (is(instance, "crashes"))
    std::raise(SIGSEGV);
  if (is(instance, "exits"))
    std::_Exit(3);
  if (is(instance, "add-hangs"))
    for (;;)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (is(instance, "leaks-a-thread"))
    std::thread([] {
      for (;;)
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }).detach();
  if (is(instance, "add-throws"))
    throw std::string("not an exception");
  return SY_OK;
}

sy_status merge(void*, const void*, sy_error*) {
  return SY_OK;
}

sy_status result(const void* instance, const sy_result* to, sy_error* error) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto table = [&] {
    to->table(to->context, "t", "A table", error);
    to->column(to->context, "x", "", "", error);
    return to->column(to->context, "y", nullptr, nullptr, error);
  };
  const sy_figure figure{sizeof(sy_figure), 0, "f", "A figure", nullptr};
  const char* labels[] = {"a", "b"};
  const sy_axis axis{sizeof(sy_axis), 2, "axis", labels};
  if (is(instance, "depends-on-history")) {
    static std::int64_t calls = 0;
    table();
    const sy_cell row[2] = {{SY_CELL_INTEGER, 0, {.integer = ++calls}},
                            {SY_CELL_UNDEFINED, 0, {.integer = 0}}};
    return to->row(to->context, row, 2, error);
  }
  if (is(instance, "result-throws"))
    throw std::runtime_error("result");
  if (is(instance, "result-hangs"))
    for (;;)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (is(instance, "result-waits-for-cancel")) {
    while (self(instance).host->cancelled(self(instance).host->context) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::strcpy(error->message, "stopped as asked");
    return SY_CANCELLED;
  }
  if (is(instance, "result-nan")) {
    table();
    const sy_cell row[2] = {{SY_CELL_NUMBER, 0, {.number = nan}},
                            {SY_CELL_NUMBER, 0, {.number = INFINITY}}};
    to->row(to->context, row, 2, error);
    to->row(to->context, row, 2, error);
    const double values[4] = {1, nan, INFINITY, 2};
    sy_heatmap map{};
    map.struct_size = sizeof(map);
    map.x = map.y = &axis;
    map.values = values;
    to->heatmap(to->context, &figure, &map, error);
    to->finding(to->context, "caf\xe9 is not UTF-8", error);
    return SY_OK;
  }
  if (is(instance, "result-short-row")) {
    table();
    const sy_cell row[1] = {{SY_CELL_INTEGER, 0, {.integer = 1}}};
    return to->row(to->context, row, 1, error);
  }
  if (is(instance, "result-bad-name"))
    return to->table(to->context, "../../etc/passwd", "", error);
  if (is(instance, "result-twice")) {
    table();
    return to->table(to->context, "t", "Again", error);
  }
  if (is(instance, "result-ignores-refusal")) {
    to->row(to->context, nullptr, 0, error);
    return SY_OK;
  }
  if (is(instance, "result-null-name"))
    return to->table(to->context, nullptr, nullptr, error);
  if (is(instance, "result-bad-cell")) {
    table();
    const sy_cell row[2] = {{77, 0, {.integer = 1}}, {SY_CELL_UNDEFINED, 0, {.integer = 0}}};
    return to->row(to->context, row, 2, error);
  }
  if (is(instance, "result-too-many")) {
    for (int i = 0; i < 1'000'000; ++i)
      if (const sy_status status = to->finding(to->context, "again", error); status != SY_OK)
        return status;
    return SY_OK;
  }
  if (is(instance, "result-huge-axis")) {
    const sy_axis huge{sizeof(sy_axis), 0xFFFFFFFFu, "axis", labels};
    sy_heatmap map{};
    map.struct_size = sizeof(map);
    map.x = map.y = &huge;
    return to->heatmap(to->context, &figure, &map, error);
  }
  if (is(instance, "result-bad-merges")) {
    const double values[4] = {1, 2, 3, 4};
    const sy_merge merges[1] = {{0, 0, 1.0}};
    sy_heatmap map{};
    map.struct_size = sizeof(map);
    map.x = map.y = &axis;
    map.values = values;
    map.merges = merges;
    map.merge_count = 1;
    return to->heatmap(to->context, &figure, &map, error);
  }
  if (is(instance, "result-null-figure"))
    return to->chart(to->context, nullptr, nullptr, error);
  if (is(instance, "result-bad-flow")) {
    const std::int32_t columns[2] = {0, 1}, from[1] = {1}, into[1] = {0};
    const double amounts[1] = {1};
    const sy_flow flow{sizeof(sy_flow), 2, labels, columns, 1, from, into, amounts, nullptr};
    return to->flow(to->context, &figure, &flow, error);
  }
  return SY_OK;
}

std::int32_t maxK(const void* instance, const sy_layer* layer) {
  if (is(instance, "max-k-huge"))
    return 1 << 30;
  if (is(instance, "max-k-negative"))
    return -1;
  return layer->k;
}

sy_status apply(void* instance, const sy_router_batch* batch, sy_router_draft* draft, sy_error*) {
  const std::int64_t last = batch->tokens - 1;
  const std::int64_t slot = last * draft->max_k;
  draft->edit = SY_EDIT_SELECTION;
  if (is(instance, "apply-throws"))
    throw 3.0;
  if (is(instance, "id-out-of-range"))
    draft->ids[slot] = batch->layer->experts;
  else if (is(instance, "id-negative"))
    draft->ids[slot] = -1;
  else if (is(instance, "id-twice"))
    draft->ids[slot] = draft->ids[slot + 1];
  else if (is(instance, "weight-nan"))
    draft->weights[slot] = std::numeric_limits<float>::quiet_NaN();
  else if (is(instance, "weight-infinite"))
    draft->weights[slot] = std::numeric_limits<float>::infinity();
  else if (is(instance, "count-too-large"))
    draft->counts[last] = draft->max_k + 1;
  else if (is(instance, "count-negative"))
    draft->counts[last] = -5;
  else if (is(instance, "looks-at-neighbours"))
    draft->weights[0] = static_cast<float>(batch->tokens);
  else if (is(instance, "unknown-edit"))
    draft->edit = 99;
  else if (is(instance, "drops-too-many"))
    draft->drop_count = draft->drop_capacity + 1;
  else if (is(instance, "drop-out-of-range")) {
    draft->drops[0] = {0, 0, batch->layer->experts};
    draft->drop_count = 1;
  } else if (is(instance, "says-none")) {
    draft->logits[0] = std::numeric_limits<float>::quiet_NaN();
    draft->edit = SY_EDIT_NONE;
  } else {
    draft->edit = SY_EDIT_SCORES;
    float* row = draft->logits + last * batch->layer->experts;
    if (is(instance, "logit-nan"))
      row[0] = std::numeric_limits<float>::quiet_NaN();
    else if (is(instance, "logit-infinite"))
      row[0] = std::numeric_limits<float>::infinity();
    else if (is(instance, "offset-nan"))
      draft->choice_offsets[0] = std::numeric_limits<float>::quiet_NaN();
    else if (is(instance, "bans-all"))
      for (std::int32_t e = 0; e < batch->layer->experts; ++e)
        row[e] = -std::numeric_limits<float>::infinity();
  }
  return SY_OK;
}

const sy_analyzer_table kAnalyzer = {sizeof(sy_analyzer_table),
                                     0,
                                     &create,
                                     &destroy,
                                     &copy,
                                     &wants,
                                     &beginLayers,
                                     &add,
                                     &merge,
                                     &result,
                                     nullptr,
                                     nullptr};
const sy_router_table kRouter = {
    sizeof(sy_router_table), 0, 0, 0, &create, &destroy, &copy, &beginLayers, &maxK, &apply};

const void* kindOf(const char* id) {
  if (std::strcmp(id, SY_KIND_ANALYZER) == 0)
    return &kAnalyzer;
  return std::strcmp(id, SY_KIND_ROUTER) == 0 ? &kRouter : nullptr;
}

const sy_plugin kPlugin = {sizeof(sy_plugin),         SY_ABI_MAJOR, SY_ABI_MINOR, 0,
                           "org.example.misbehaving", "1.0.0",      &kindOf};

} // namespace

extern "C" SY_PLUGIN_EXPORT const sy_plugin* sy_plugin_entry(uint32_t, uint32_t) {
  return &kPlugin;
}
