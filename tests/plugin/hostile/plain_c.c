/* An analyzer in plain C99 on the bare tables: the edge needs no C++. Counts rows. */
#include <stdlib.h>
#include <string.h>

#include "core/plugin/abi.h"

typedef struct counter {
  int64_t rows;
} counter;

static sy_status create(const sy_host* host, const sy_options* options, void** instance,
                        sy_error* error) {
  counter* made = (counter*)calloc(1, sizeof(counter));
  (void)host;
  (void)options;
  if (made == NULL) {
    if (error != NULL)
      strcpy(error->message, "out of memory");
    return SY_LIMIT_EXCEEDED;
  }
  *instance = made;
  return SY_OK;
}

static void destroy(void* instance) { free(instance); }

static sy_status clone_empty(const void* instance, const sy_host* host, void** copy,
                             sy_error* error) {
  (void)instance;
  return create(host, NULL, copy, error);
}

static uint32_t wants(const void* instance) {
  (void)instance;
  return 0;
}

static sy_status begin(void* instance, const sy_layer* const* layers, uint32_t count,
                       sy_error* error) {
  (void)instance;
  (void)layers;
  (void)count;
  (void)error;
  return SY_OK;
}

static sy_status add(void* instance, const sy_block* block, sy_error* error) {
  (void)error;
  ((counter*)instance)->rows += block->rows;
  return SY_OK;
}

static sy_status merge(void* instance, const void* other, sy_error* error) {
  (void)error;
  ((counter*)instance)->rows += ((const counter*)other)->rows;
  return SY_OK;
}

static sy_status result(const void* instance, const sy_result* to, sy_error* error) {
  sy_headline headline;
  memset(&headline, 0, sizeof(headline));
  headline.struct_size = sizeof(headline);
  headline.name = "rows";
  headline.title = "Rows seen";
  headline.value.type = SY_CELL_INTEGER;
  headline.value.value.integer = ((const counter*)instance)->rows;
  return to->headline(to->context, &headline, error);
}

static const sy_analyzer_table kAnalyzer = {sizeof(sy_analyzer_table),
                                            0,
                                            &create,
                                            &destroy,
                                            &clone_empty,
                                            &wants,
                                            &begin,
                                            &add,
                                            &merge,
                                            &result,
                                            NULL,
                                            NULL};

static const void* kind(const char* id) {
  return strcmp(id, SY_KIND_ANALYZER) == 0 ? &kAnalyzer : NULL;
}

static const sy_plugin kPlugin = {
    sizeof(sy_plugin), SY_ABI_MAJOR, SY_ABI_MINOR, 0, "org.example.plain-c", "1.0.0", &kind};

SY_PLUGIN_EXPORT const sy_plugin* sy_plugin_entry(uint32_t host_abi_major,
                                                  uint32_t host_abi_minor) {
  return host_abi_major == SY_ABI_MAJOR && host_abi_minor + 1u > SY_ABI_MINOR ? &kPlugin : NULL;
}
