/* Switchyard's binary plugin edge: C tables only. Everything a plugin and the host exchange is
 * declared here; sdk.hpp generates these tables from C++ classes.
 *
 * Versions. abi_major changes when something below changes meaning; abi_minor when something is
 * appended. A host opens a plugin of its own major and of a minor not above its own.
 *
 * Growth. Every struct begins with struct_size, set by whoever fills it in. Fields are appended,
 * never moved or removed. A reader touches a field only if struct_size covers it. Structs that hold
 * no struct_size (sy_text, sy_cell, sy_merge, sy_interval, sy_drop) are frozen. Arrays of growing
 * structs are arrays of pointers.
 *
 * Ownership. Whoever allocates frees. Every pointer that a function receives is borrowed and valid
 * until the function returns, unless its comment says otherwise; nothing received may be freed.
 * What a plugin returns in its sy_plugin and its kind tables stays valid until the process ends
 * (libraries are never unloaded).
 *
 * Threads. Each function is tagged:
 *   [scan]     once, on the thread that opens the plugin
 *   [instance] any thread, but one call at a time for one instance
 *   [any]      any thread, also at the same time
 *   [caller]   only on the thread of the plugin function that is running
 *
 * Failure. Functions return sy_status; with anything but SY_OK they put one clear sentence into
 * the sy_error they got (may be null). No C++ exception may leave a function. Strings are UTF-8.
 */
#ifndef SWITCHYARD_PLUGIN_ABI_H
#define SWITCHYARD_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SY_ABI_MAJOR 1u
#define SY_ABI_MINOR 0u

#if defined(__GNUC__)
#define SY_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define SY_PLUGIN_EXPORT
#endif

/* ---- Common types --------------------------------------------------------------------------- */

typedef int32_t sy_status;
enum {
  SY_OK = 0,
  SY_INVALID_ARGUMENT = 1, /* an option or argument is wrong */
  SY_NOT_FOUND = 2,
  SY_IO = 3,
  SY_INVALID_FORMAT = 4,
  SY_UNSUPPORTED = 5, /* valid, but not handled */
  SY_LIMIT_EXCEEDED = 6,
  SY_CORRUPT = 7,
  SY_NON_FINITE = 8,
  SY_CANCELLED = 9, /* stopped because cancelled() said so */
  SY_INTERNAL = 10
};

/* Where a failing function puts its sentence. Lives with the caller; the text is cut to fit. */
typedef struct sy_error {
  uint32_t struct_size;
  char message[508]; /* NUL-terminated */
} sy_error;

/* Text that may contain NUL bytes; not NUL-terminated. */
typedef struct sy_text {
  const char* data;
  uint64_t size; /* bytes */
} sy_text;

/* ---- Options -------------------------------------------------------------------------------- */

enum { SY_OPTION_BOOLEAN = 1, SY_OPTION_INTEGER = 2, SY_OPTION_NUMBER = 3, SY_OPTION_STRING = 4 };

/* One option of the sidecar, checked against it. Exactly the array of its type is not null. */
typedef struct sy_option {
  uint32_t struct_size;
  int32_t type; /* of one value; SY_OPTION_... */
  const char* name;
  uint32_t is_list;        /* the sidecar declares an array */
  uint32_t is_set;         /* 0: left at its default */
  uint64_t count;          /* values; a scalar has 1, or 0 if it has no default and was not given */
  const int64_t* integers; /* [count] SY_OPTION_INTEGER, and SY_OPTION_BOOLEAN as 0 or 1 */
  const double* numbers;   /* [count] SY_OPTION_NUMBER, finite */
  const char* const* strings; /* [count] SY_OPTION_STRING */
} sy_option;

/* All options that the sidecar declares, in its order. */
typedef struct sy_options {
  uint32_t struct_size;
  uint32_t count;
  const sy_option* const* items; /* [count] */
} sy_options;

/* ---- Results -------------------------------------------------------------------------------- */

enum { SY_CELL_UNDEFINED = 0, SY_CELL_INTEGER = 1, SY_CELL_NUMBER = 2, SY_CELL_TEXT = 3 };

/* A value of a table. Undefined (0/0, no data) is a value; NaN is not and becomes undefined with a
 * warning. Frozen. */
typedef struct sy_cell {
  int32_t type; /* SY_CELL_... */
  int32_t reserved;
  union {
    int64_t integer;
    double number;
    const char* text;
  } value;
} sy_cell;

typedef struct sy_interval {
  double low;
  double high;
} sy_interval;

typedef struct sy_headline {
  uint32_t struct_size;
  uint32_t has_interval;
  const char* name; /* snake_case, unique in the result */
  const char* title;
  sy_cell value;
  const char* unit; /* null: none */
  sy_interval interval;
  double level;     /* of the interval: 0.95 */
  const char* note; /* which data; formula; null: none */
} sy_headline;

/* One label for each row or column, in drawing order. */
typedef struct sy_axis {
  uint32_t struct_size;
  uint32_t count;
  const char* title;
  const char* const* labels; /* [count] */
} sy_axis;

/* Nodes 0..n-1 are leaves; merge i makes node n + i. Frozen. */
typedef struct sy_merge {
  int32_t left;
  int32_t right;
  double height; /* distance at which the two were joined */
} sy_merge;

typedef struct sy_figure {
  uint32_t struct_size;
  uint32_t reserved;
  const char* name; /* file-name safe, unique in the result */
  const char* title;
  const char* note; /* which data, formula, sample size; null: none */
} sy_figure;

/* Values over two axes; with merges, a square matrix whose leaves are already in order. */
typedef struct sy_heatmap {
  uint32_t struct_size;
  uint32_t has_neutral;
  const sy_axis* x;
  const sy_axis* y;
  const double* values;   /* [y.count * x.count] row-major, NaN = no data */
  const char* unit;       /* null: none */
  double neutral;         /* the value that means "nothing special" */
  const sy_merge* merges; /* [merge_count] = n - 1 for n leaves, or null */
  uint64_t merge_count;
} sy_heatmap;

typedef struct sy_series {
  uint32_t struct_size;
  uint32_t count; /* points */
  const char* name;
  const double* x;              /* [count]; null for bars */
  const double* y;              /* [count], NaN = no data */
  const sy_interval* intervals; /* [count] of y, or null */
  const char* const* labels;    /* [count], or null */
} sy_series;

enum { SY_CHART_BAR = 0, SY_CHART_LINE = 1, SY_CHART_SCATTER = 2 };

typedef struct sy_chart {
  uint32_t struct_size;
  int32_t kind; /* SY_CHART_... */
  const char* x_title;
  const char* x_unit; /* units and reference_label: null: none */
  const char* y_title;
  const char* y_unit;
  const char* const* categories; /* [category_count] bars: one for each bar of every series */
  uint32_t category_count;
  uint32_t series_count;
  const sy_series* const* series; /* [series_count] */
  uint32_t has_reference;
  uint32_t reserved;
  double reference; /* a horizontal line */
  const char* reference_label;
} sy_chart;

/* Amounts that flow between nodes in columns. */
typedef struct sy_flow {
  uint32_t struct_size;
  uint32_t node_count;
  const char* const* labels; /* [node_count] */
  const int32_t* columns;    /* [node_count] from 0 */
  uint64_t link_count;
  const int32_t* from;   /* [link_count] a node */
  const int32_t* to;     /* [link_count] a node in a later column */
  const double* amounts; /* [link_count] finite, not negative */
  const char* unit;      /* null: none */
} sy_flow;

typedef struct sy_provenance {
  uint32_t struct_size;
  uint32_t reserved;
  const char* formula; /* in words or symbols, with its source; null: none */
  const char* filter;  /* which tokens, layers and labels were read; null: all */
} sy_provenance;

/* Takes a result piece by piece; the host copies everything. Id, version, options, sequences and
 * tokens are filled in by the host. All functions: [caller]. An error names what is wrong; the
 * plugin returns it. */
typedef struct sy_result {
  uint32_t struct_size;
  uint32_t reserved;
  void* context; /* first argument of every function */
  /* A table; columns and rows added from now on are its own. Columns come before rows. */
  sy_status (*table)(void* context, const char* name, const char* title, sy_error* error);
  sy_status (*column)(void* context, const char* name, const char* unit, const char* help,
                      sy_error* error);
  sy_status (*row)(void* context, const sy_cell* cells, uint32_t count, sy_error* error);
  sy_status (*headline)(void* context, const sy_headline* headline, sy_error* error);
  sy_status (*heatmap)(void* context, const sy_figure* figure, const sy_heatmap* heatmap,
                       sy_error* error);
  sy_status (*chart)(void* context, const sy_figure* figure, const sy_chart* chart,
                     sy_error* error);
  sy_status (*flow)(void* context, const sy_figure* figure, const sy_flow* flow, sy_error* error);
  /* One readable statement, most telling first. */
  sy_status (*finding)(void* context, const char* text, sy_error* error);
  /* What limits the result: "not enough data: 200 tokens, 3200 needed". */
  sy_status (*warning)(void* context, const char* text, sy_error* error);
  sy_status (*provenance)(void* context, const sy_provenance* provenance, sy_error* error);
} sy_result;

/* ---- What the host offers ------------------------------------------------------------------- */

enum { SY_LOG_DEBUG = 0, SY_LOG_INFO = 1, SY_LOG_WARNING = 2, SY_LOG_ERROR = 3 };

typedef struct sy_session_services sy_session_services;
typedef struct sy_checkpoint_services sy_checkpoint_services;

/* Services of the host, for one instance; valid until that instance is destroyed. A service that a
 * host does not have is null. */
typedef struct sy_host {
  uint32_t struct_size;
  uint32_t abi_major; /* of the host */
  uint32_t abi_minor;
  uint32_t reserved;
  const char* name;    /* "switchyard" */
  const char* version; /* "0.1.0" */
  void* context;       /* first argument of every function */
  /* [any] A message for people. level: SY_LOG_... */
  void (*log)(void* context, int32_t level, const char* message);
  /* [caller] done <= total; total 0: unknown. phase names the unit: "tokens". */
  void (*progress)(void* context, int64_t done, int64_t total, const char* phase);
  /* [any] Not 0 once the user asked to stop: return SY_CANCELLED soon. Ask every 10 ms or so. */
  int32_t (*cancelled)(void* context);
  /* [any] Philox4x32-10: the four words depend on counter and key only. */
  void (*random)(void* context, const uint32_t counter[4], const uint32_t key[2],
                 uint32_t words[4]);
  /* [caller] Calls body(body_context, i) for every i in [0, count), on any threads, in any order;
   * returns when all are done. The body must not throw, and what is computed must not depend on
   * the order. */
  void (*parallel_for)(void* context, int64_t count, void* body_context,
                       void (*body)(void* body_context, int64_t i));
  const sy_session_services* session;       /* decoders only; filled in from begin() on */
  const sy_checkpoint_services* checkpoint; /* transforms only; filled in during run() */
} sy_host;

/* ---- Routing facts -------------------------------------------------------------------------- */

#define SY_NO_EXPERT (-1)           /* an unused slot of a selection */
#define SY_NO_STORED_EXPERT 0xFFFFu /* an unused slot of a stored selection (sy_block) */

enum {
  SY_SCORE_SOFTMAX_ALL = 0,      /* softmax over all E, then top-k */
  SY_SCORE_SOFTMAX_SELECTED = 1, /* top-k of the logits, softmax over those */
  SY_SCORE_SIGMOID = 2,
  SY_SCORE_SPARSE_MIXER = 3
};
enum { SY_GROUPS_NONE = 0, SY_GROUPS_MAX = 1, SY_GROUPS_TOP2_SUM = 2 };
enum { SY_RENORM_NONE = 0, SY_RENORM_SUM = 1, SY_RENORM_CLAMP_MIN = 2 };

/* A checkpoint's own routing rule. */
typedef struct sy_gate {
  uint32_t struct_size;
  int32_t experts; /* E */
  int32_t k;
  int32_t score;       /* SY_SCORE_... */
  int32_t group_score; /* SY_GROUPS_... */
  int32_t groups;
  int32_t groups_kept;
  int32_t renorm;   /* SY_RENORM_... */
  float group_fill; /* what fills the choice scores of losing groups */
  float renorm_eps;
  float scale;  /* multiplies the weights last */
  float jitter; /* SPARSE_MIXER's epsilon */
} sy_gate;

typedef struct sy_layer {
  uint32_t struct_size;
  int32_t layer;     /* position in the stack, dense layers counted */
  int32_t moe_layer; /* among the MoE layers, from 0 */
  int32_t moe_layers;
  int32_t experts;          /* E, routed */
  int32_t k;                /* experts per token of the model's own rule */
  const sy_gate* gate;      /* null where unknown (analyzers, simulators) */
  const float* choice_bias; /* [E] of the gate, or null */
} sy_layer;

/* ---- Kind 1: router ------------------------------------------------------------------------- */

#define SY_KIND_ROUTER "switchyard.router/1"

enum {
  SY_ROUTER_NEEDS_BATCH = 1u << 0, /* not causal: chooses over the batch */
  SY_ROUTER_NEEDS_TOKEN_ID = 1u << 1,
  SY_ROUTER_NEEDS_PREVIOUS_LOGITS = 1u << 2,
  SY_ROUTER_NEEDS_INPUT = 1u << 3,
  SY_ROUTER_WEIGHT_ON_INPUT = 1u << 4, /* weights multiply the expert's input */
  SY_ROUTER_STATEFUL = 1u << 5         /* remembers earlier batches */
};

/* One MoE layer of one forward pass, T tokens. */
typedef struct sy_router_batch {
  uint32_t struct_size;
  uint32_t reserved;
  const sy_layer* layer;
  int64_t tokens;               /* T */
  const int64_t* sequences;     /* [T] */
  const int64_t* positions;     /* [T] */
  const int32_t* token_ids;     /* [T] */
  const uint8_t* generated;     /* [T] 0: prompt */
  const float* model_logits;    /* [T, E] raw router output, before every router plugin */
  const float* previous_logits; /* [T, previous_experts] of the MoE layer before, or null */
  int32_t previous_experts;
  int32_t hidden;     /* width of input */
  const float* input; /* [T, hidden] what the router multiplied, or null */
  uint64_t seed;      /* of the run */
} sy_router_batch;

/* Frozen. */
typedef struct sy_drop {
  int32_t row;
  int32_t rank;
  int32_t expert;
} sy_drop;

enum {
  SY_EDIT_NONE = 0,
  SY_EDIT_SCORES = 1,   /* logits or choice_offsets changed: the model's gate routes again */
  SY_EDIT_SELECTION = 2 /* the selection stands as it is */
};

/* What a router may change; buffers of the host. On entry: the model's own routing, or what the
 * router before made of it. */
typedef struct sy_router_draft {
  uint32_t struct_size;
  int32_t max_k;         /* slots of each row; not less than what max_k() returned */
  float* logits;         /* [T, E]; -inf: cannot be chosen */
  float* choice_offsets; /* [T, E] added to the scores for choosing only; zeros on entry */
  int32_t* counts;       /* [T] experts of each row, 0 .. max_k */
  int32_t* ids;          /* [T, max_k]; SY_NO_EXPERT in unused slots */
  float* weights;        /* [T, max_k] exactly what multiplies; 0 in unused slots */
  float* raw_weights;    /* [T, max_k] before renormalising and scaling; NaN where unknown */
  sy_drop* drops;        /* [drop_capacity] choices made and taken back; by row, then rank */
  int64_t drop_capacity; /* T * (E + max_k) */
  int64_t drop_count;
  int32_t edit; /* out: SY_EDIT_...; SY_EDIT_NONE on entry */
  int32_t reserved;
} sy_router_draft;

typedef struct sy_router_table {
  uint32_t struct_size;
  uint32_t flags; /* SY_ROUTER_... */
  /* Ids E .. E + virtual_experts - 1 may be selected or dropped: places that take no expert. */
  int32_t virtual_experts;
  int32_t reserved;
  /* [any] */
  sy_status (*create)(const sy_host* host, const sy_options* options, void** instance,
                      sy_error* error);
  /* [instance] */
  void (*destroy)(void* instance);
  /* [instance] A second instance with the same options and state. host serves the new one. */
  sy_status (*clone)(const void* instance, const sy_host* host, void** copy, sy_error* error);
  /* [instance] Once, before the first batch. The layers stay valid for the instance's life. */
  sy_status (*begin)(void* instance, const sy_layer* const* layers, uint32_t count,
                     sy_error* error);
  /* [instance] The most experts apply() gives one token of this layer. */
  int32_t (*max_k)(const void* instance, const sy_layer* layer);
  /* [instance] Layers of a pass in order. The same batch gives the same bytes. Unless NEEDS_BATCH
   * or STATEFUL, a row's outcome does not depend on other rows. */
  sy_status (*apply)(void* instance, const sy_router_batch* batch, sy_router_draft* draft,
                     sy_error* error);
} sy_router_table;

/* ---- Kind 2: analyzer ----------------------------------------------------------------------- */

#define SY_KIND_ANALYZER "switchyard.analyzer/1"

/* One recorded sequence. Valid while blocks of it arrive at the instance; do not keep it. */
typedef struct sy_sequence {
  uint32_t struct_size;
  uint32_t label_count;
  int64_t index; /* from 0, order of the trace */
  sy_text id;
  sy_text source;        /* where the text came from; may be empty */
  sy_text text;          /* the prompt as given; empty when only ids were given */
  const int32_t* tokens; /* [token_count] prompt, then generated */
  int64_t token_count;
  int64_t prompt_length;
  const sy_text* label_names;  /* [label_count] sorted */
  const sy_text* label_values; /* [label_count] */
} sy_sequence;

/* Routing of consecutive tokens of one sequence at one MoE layer. */
typedef struct sy_block {
  uint32_t struct_size;
  int32_t moe_layer;
  const sy_sequence* sequence;
  const sy_layer* layer;
  int64_t first_token; /* position of row 0 in the sequence */
  int64_t rows;
  const uint16_t* ids;      /* [rows, k] rank order; SY_NO_STORED_EXPERT in unused slots */
  const float* weights;     /* [rows, k] as multiplied; null if not recorded, like all below */
  const float* logits;      /* [rows, E] raw router logits */
  const float* norms;       /* [rows, k] norms of the selected experts' outputs */
  const int32_t* predicted; /* [rows] argmax of the next-token logits */
  /* The same rows of a second trace of the same tokens, where two are compared; else null. */
  const struct sy_block* reference;
} sy_block;

/* Takes bytes, piece by piece. [caller] */
typedef struct sy_bytes {
  uint32_t struct_size;
  uint32_t reserved;
  void* context; /* first argument */
  sy_status (*append)(void* context, const void* bytes, uint64_t size, sy_error* error);
} sy_bytes;

/* What a block carries besides ids, where the trace has it. */
enum {
  SY_COLUMN_WEIGHTS = 1u << 0,
  SY_COLUMN_LOGITS = 1u << 1,
  SY_COLUMN_NORMS = 1u << 2,
  SY_COLUMN_PREDICTED = 1u << 3
};

/* merge() of any split of the sequences, then result(), equals one pass over all of them, bit for
 * bit. */
typedef struct sy_analyzer_table {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any] */
  sy_status (*create)(const sy_host* host, const sy_options* options, void** instance,
                      sy_error* error);
  /* [instance] */
  void (*destroy)(void* instance);
  /* [instance] An instance with the same options that has seen nothing. host serves the new one. */
  sy_status (*clone_empty)(const void* instance, const sy_host* host, void** copy, sy_error* error);
  /* [instance] The columns that add() reads (SY_COLUMN_...); others may be null. Fewer is faster.
   */
  uint32_t (*wants)(const void* instance);
  /* [instance] Once, before the first block. */
  sy_status (*begin)(void* instance, const sy_layer* const* layers, uint32_t count,
                     sy_error* error);
  /* [instance] Blocks of one sequence come to one instance, layer by layer for each range of
   * tokens, ranges in order. */
  sy_status (*add)(void* instance, const sy_block* block, sy_error* error);
  /* [instance] Adds what `other` has seen; no other call runs on either meanwhile. Refuses one of
   * other options or layers. */
  sy_status (*merge)(void* instance, const void* other, sy_error* error);
  /* [instance] At any time after begin, any number of times. */
  sy_status (*result)(const void* instance, const sy_result* result, sy_error* error);
  /* save and load: both, or null, and one process reads the whole trace for it.
   * [instance] What it has seen, as bytes for load() in another process of the same host and
   * plugin: given to sink in pieces, between two sequences. */
  sy_status (*save)(const void* instance, const sy_bytes* sink, sy_error* error);
  /* [instance] Once, after begin() and instead of add(): has seen what the saved one had, so that
   * merge() adds it. Refuses bytes that do not fit. */
  sy_status (*load)(void* instance, const void* bytes, uint64_t size, sy_error* error);
} sy_analyzer_table;

/* ---- Kind 3: decoder ------------------------------------------------------------------------ */

#define SY_KIND_DECODER "switchyard.decoder/1"

/* A decoder decides which token comes next; which passes it makes for that, over which branches and
 * with which routing, is its own affair. How a token is drawn from scores is the host's: sample()
 * applies what the user asked for (greedy, temperature, top-k, seed, ...) to the scores that the
 * decoder gives it, so samplers work under every decoder that calls it. */

/* Tokens that one branch runs next. */
typedef struct sy_branch_step {
  uint32_t struct_size;
  int32_t branch;
  const int32_t* tokens;       /* [token_count] */
  int64_t token_count;         /* at least 1 */
  const float* router_offsets; /* [moe_layers, E] added to the router logits, or null */
  float* logits;               /* out, of the plugin: [vocabulary] after the last token; or null */
  int32_t recipe;              /* from compile_recipe, instead of the run's routing; 0: that */
  int32_t reserved;
} sy_branch_step;

/* How the tokens of a gradient's forward pass were routed. */
typedef struct sy_context_routing {
  uint32_t struct_size;
  uint32_t reserved;
  /* out, of the plugin: [moe_layers] mean over tokens and selected experts of -log p in nats, p the
   * router's softmax (sigmoid gates: sigmoids divided by their sum), offsets added; or null */
  double* surprise;
  int32_t* ids; /* out, of the plugin: [moe_layers, count - 1, k] by rank, SY_NO_EXPERT; or null */
} sy_context_routing;

/* Drives the session: branches are KV states; branch 0 has the prompt. Branch 0 is what the user
 * sees and a trace records: it runs the prompt and what was emitted, in order, nothing else. All
 * functions: [caller]. */
struct sy_session_services {
  uint32_t struct_size;
  int32_t vocabulary;
  int32_t moe_layers;
  int32_t experts; /* E */
  int32_t k;
  /* Not 0: nobody keeps what next() records; it may be left out, with what is computed for it. */
  int32_t drops_records;
  void* context; /* first argument of every function */
  /* A recipe (JSON text) to use in steps. Null where the host has no recipes. */
  sy_status (*compile_recipe)(void* context, const char* json, int32_t* recipe, sy_error* error);
  /* A branch without tokens. */
  sy_status (*open)(void* context, int32_t* branch, sy_error* error);
  /* A copy of a branch, its KV state and all: costs as much memory as that branch. */
  sy_status (*fork)(void* context, int32_t from, int32_t* branch, sy_error* error);
  sy_status (*close)(void* context, int32_t branch, sy_error* error);
  /* Tokens the branch has run; -1 if there is no such branch. */
  int64_t (*length)(void* context, int32_t branch);
  /* All steps as one batch; no branch twice. On failure no branch has changed. */
  sy_status (*step)(void* context, const sy_branch_step* const* steps, uint32_t count,
                    sy_error* error);
  /* Mean next-token cross-entropy (nats) of tokens 1..n-1 given those before, and its exact
   * gradient with respect to router-logit offsets, at `offsets` (null: zeros). Touches no branch.
   * Null where the host has no gradients. */
  sy_status (*router_gradient)(void* context, const int32_t* tokens, int64_t count, int32_t recipe,
                               const float* offsets, /* [moe_layers, E] or null */
                               float* gradient, /* out, of the plugin: [moe_layers, E]; or null */
                               double* loss, sy_error* error);
  /* The same, and how that pass was routed. */
  sy_status (*router_gradient_routing)(void* context, const int32_t* tokens, int64_t count,
                                       int32_t recipe, const float* offsets, float* gradient,
                                       double* loss, const sy_context_routing* routing,
                                       sy_error* error);
  /* Drops what a branch has run from `length` tokens on. What branch 0 runs again is not recorded
   * again. */
  sy_status (*rewind)(void* context, int32_t branch, int64_t length, sy_error* error);
  /* Draws the next token from scores [vocabulary] the way the user asked for: logits, or what the
   * decoder made of them; -inf: cannot be chosen. Once for each token. */
  sy_status (*sample)(void* context, const float* scores, int32_t* token, sy_error* error);
  /* Next-token logits of some tokens after the last one that the branch has run: the bits that a
   * step's `logits` gets, at the cost of these tokens' part of the LM head. */
  sy_status (*token_logits)(void* context, int32_t branch, const int32_t* tokens, int64_t count,
                            float* logits, /* out, of the plugin: [count] */
                            sy_error* error);
};

/* What a decoder decided; a buffer of the host. */
typedef struct sy_decoded {
  uint32_t struct_size;
  int32_t token; /* out */
  int32_t stop;  /* out: not 0: the text ends here, token is not emitted */
  uint32_t record_capacity;
  uint32_t record_count; /* out */
  uint32_t reserved;
  const char** record_names; /* out, [record_capacity]; strings valid until the next call */
  double* record_values;     /* out, [record_capacity] named figures of this step */
} sy_decoded;

typedef struct sy_decoder_table {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any] host->session is there, but not to be used before begin(). */
  sy_status (*create)(const sy_host* host, const sy_options* options, void** instance,
                      sy_error* error);
  /* [instance] */
  void (*destroy)(void* instance);
  /* [instance] Once. Branch 0 has run the prompt but for its last token. */
  sy_status (*begin)(void* instance, const int32_t* prompt, int64_t count, sy_error* error);
  /* [instance] `last` (the prompt's last token, then what next() returned) has been emitted but
   * not run: the decoder runs it on the branches it keeps, and chooses the token after it. */
  sy_status (*next)(void* instance, int32_t last, sy_decoded* decoded, sy_error* error);
  /* [instance] Once, before begin(): the names of all figures that records may hold, for a trace's
   * columns; no others may be recorded. Names stay valid for the instance's life. May be null:
   * records are shown, but not stored. */
  sy_status (*figures)(void* instance, const sy_layer* const* layers, uint32_t layer_count,
                       const char* const** names, uint32_t* count, sy_error* error);
} sy_decoder_table;

/* ---- Kind 4: simulator ---------------------------------------------------------------------- */

#define SY_KIND_SIMULATOR "switchyard.simulator/1"

/* Zero: unknown. Refuse in begin() what is needed and unknown, naming it. */
typedef struct sy_machine {
  uint32_t struct_size;
  int32_t devices;          /* that hold experts */
  int32_t devices_per_node; /* divides devices */
  int32_t hidden;           /* d of the traced model */
  int32_t expert_width;     /* d_e of the traced model */
  int32_t reserved;
  const char* name;
  double fast_memory;       /* bytes for experts on each device */
  double memory_bandwidth;  /* bytes/s of that memory */
  double flops;             /* operations/s of each device */
  double load_bandwidth;    /* bytes/s from slow memory to a device */
  double load_latency;      /* seconds */
  double node_bandwidth;    /* bytes/s between devices of one node */
  double network_bandwidth; /* bytes/s between nodes, each device */
  double link_latency;      /* seconds per message between devices */
  double expert_bytes;      /* weights of one routed expert of one layer */
  double activation_bytes;  /* bytes of one activation value that travels */
} sy_machine;

typedef struct sy_simulator_table {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any] */
  sy_status (*create)(const sy_host* host, const sy_options* options, void** instance,
                      sy_error* error);
  /* [instance] */
  void (*destroy)(void* instance);
  /* [instance] Once, before the first event. */
  sy_status (*begin)(void* instance, const sy_layer* const* layers, uint32_t count,
                     const sy_machine* machine, sy_error* error);
  /* [instance] Tokens that ran together at one MoE layer, in the order of execution: step by step
   * (a prefill chunk or one decoded token), layer by layer within a step. */
  sy_status (*add)(void* instance, const sy_block* event, sy_error* error);
  /* [instance] At any time after begin, any number of times. */
  sy_status (*result)(const void* instance, const sy_result* result, sy_error* error);
} sy_simulator_table;

/* ---- Kind 5: transform ---------------------------------------------------------------------- */

#define SY_KIND_TRANSFORM "switchyard.transform/1"

/* A tensor as stored: row-major, little-endian. */
typedef struct sy_tensor {
  uint32_t struct_size;
  uint32_t rank; /* at most 8 */
  const char* name;
  const char* dtype;    /* as safetensors names it: "BF16" */
  const int64_t* shape; /* [rank] outermost first */
  uint64_t bytes;
} sy_tensor;

/* How often each expert of one MoE layer was chosen. */
typedef struct sy_usage {
  uint32_t struct_size;
  int32_t layer; /* position in the stack */
  uint32_t experts;
  uint32_t reserved;
  const int64_t* assignments; /* [experts] */
} sy_usage;

/* The checkpoint that is read and the one that is written. All functions: [caller]. Tensors and
 * usage stay valid for the instance's life. */
struct sy_checkpoint_services {
  uint32_t struct_size;
  uint32_t usage_count;            /* MoE layers of the trace that came along; 0: none came */
  void* context;                   /* first argument of every function */
  sy_text config;                  /* config.json of the source */
  const sy_tensor* const* tensors; /* [tensor_count] sorted by name */
  uint64_t tensor_count;
  const sy_usage* const* usage; /* [usage_count] by layer */
  /* Bytes [offset, offset + size) of one tensor, into a buffer of the plugin. */
  sy_status (*read)(void* context, uint64_t tensor, uint64_t offset, void* out, uint64_t size,
                    sy_error* error);
  /* Declares a tensor of the result; all of them before the first append. */
  sy_status (*declare)(void* context, const char* name, const char* dtype, const int64_t* shape,
                       uint32_t rank, sy_error* error);
  /* The next bytes of the declared tensors in their order; not across a tensor's end. */
  sy_status (*append)(void* context, const void* bytes, uint64_t size, sy_error* error);
  /* config.json of the result; the source's own if never called. */
  sy_status (*set_config)(void* context, sy_text json, sy_error* error);
};

/* Takes sentences that say what was changed. [caller] */
typedef struct sy_summary {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  sy_status (*sentence)(void* context, const char* text, sy_error* error);
} sy_summary;

typedef struct sy_transform_table {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any] host->checkpoint is there, but not to be used before run(). */
  sy_status (*create)(const sy_host* host, const sy_options* options, void** instance,
                      sy_error* error);
  /* [instance] */
  void (*destroy)(void* instance);
  /* [instance] Once. The result appears complete when this returns SY_OK, or not at all. */
  sy_status (*run)(void* instance, const sy_summary* summary, sy_error* error);
} sy_transform_table;

/* ---- Entry ---------------------------------------------------------------------------------- */

typedef struct sy_plugin {
  uint32_t struct_size;
  uint32_t abi_major; /* that the plugin was built against */
  uint32_t abi_minor;
  uint32_t reserved;
  const char* id;      /* as in the sidecar */
  const char* version; /* as in the sidecar */
  /* [any] The table of a kind (SY_KIND_...), or null. Kinds that a later ABI adds have ids this
   * header does not know: answer null. */
  const void* (*kind)(const char* kind_id);
} sy_plugin;

/* The one exported symbol of a plugin. [scan] Returns null if it cannot work with that host. */
#define SY_PLUGIN_ENTRY "sy_plugin_entry"
typedef const sy_plugin* (*sy_plugin_entry_fn)(uint32_t host_abi_major, uint32_t host_abi_minor);
SY_PLUGIN_EXPORT const sy_plugin* sy_plugin_entry(uint32_t host_abi_major, uint32_t host_abi_minor);

#ifdef __cplusplus
}
#endif

#endif
