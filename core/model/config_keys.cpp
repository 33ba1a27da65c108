#include <algorithm>

#include <fmt/format.h>

#include "core/model/config_parts.h"

namespace switchyard::model {

using base::Result;
using nlohmann::json;

namespace {

/// Keys that configurations of the supported families carry and that change nothing about what a
/// model computes when it is run: training (losses, dropout, jitter, capacity, initialisation),
/// caching and kernels, sampling defaults, provenance.
constexpr std::string_view kHarmless[] = {
    // training
    "attention_dropout",
    "attention_probs_dropout_prob",
    "attn_pdrop",
    "aux_loss_alpha",
    "aux_loss_coef",
    "aux_loss_free",
    "embd_pdrop",
    "expert_dropout",
    "gradient_checkpointing",
    "hidden_dropout",
    "hidden_dropout_prob",
    "initializer_factor",
    "initializer_range",
    "input_jitter_noise",
    "moe_aux_loss_coef",
    "moe_capacity",
    "moe_dropout_prob",
    "output_router_logits",
    "resid_pdrop",
    "router_aux_loss_coef",
    "router_aux_loss_factor",
    "router_jitter_noise",
    "router_z_loss_coef",
    "seq_aux",
    // placement, kernels, caches: the same numbers in another way
    "attn_implementation",
    "cache_implementation",
    "ep_size",
    "experts_implementation",
    "layer_types_cache",
    "pretraining_tp",
    "use_cache",
    "use_flash_attention",
    "use_flash_attn",
    // facts repeated elsewhere
    "initial_context_length",
    "max_sequence_length",
    "model_max_length",
    "seq_length",
    // sampling defaults of older files
    "diversity_penalty",
    "encoder_no_repeat_ngram_size",
    "length_penalty",
    "max_length",
    "min_length",
    "no_repeat_ngram_size",
    "num_beam_groups",
    "num_beams",
    "num_return_sequences",
    "repetition_penalty",
    "temperature",
    "top_k",
    "top_p",
    "typical_p",
    "chunk_size_feed_forward",
    "output_attentions",
    "output_hidden_states",
    "output_scores",
};

/// Options of some families that change nothing at 1, whatever the family.
constexpr std::string_view kNeutralAtOne[] = {
    "decoder_sparse_step", "embedding_multiplier",  "logits_scaling",
    "moe_layer_freq",      "moe_layer_interval",    "n_group",
    "residual_multiplier", "routed_scaling_factor", "topk_group"};

/// Words of a key that speak of the forward pass. A key that nobody read, that is not in the list
/// above and that has none of these is a remark ("unsloth_version").
constexpr std::string_view kForwardWords[] = {
    "act",    "attention", "attn",   "bias",   "block",   "cap",    "chunk", "clip",   "conv",
    "cross",  "decoder",   "dim",    "embed",  "encoder", "expert", "ffn",   "fused",  "gate",
    "group",  "head",      "hidden", "kv",     "layer",   "logit",  "lora",  "mamba",  "mask",
    "mlp",    "moe",       "mult",   "norm",   "nope",    "posit",  "proj",  "quant",  "rank",
    "renorm", "residual",  "rope",   "rotary", "rout",    "scal",   "scor",  "shared", "sink",
    "size",   "soft",      "ssm",    "state",  "temper",  "topk",   "top_k", "window", "zero"};

template <std::size_t N> bool listed(const std::string_view (&keys)[N], std::string_view key) {
  return std::ranges::find(keys, key) != std::end(keys);
}

bool inactive(const json& value) {
  return value.is_null() || value == false || value == 0 || value == 0.0 ||
         ((value.is_array() || value.is_object() || value.is_string()) && value.size() == 0) ||
         value == "";
}

bool speaksOfForwardPass(std::string_view key) {
  return std::ranges::any_of(kForwardWords, [key](std::string_view word) {
    return key.find(word) != std::string_view::npos;
  });
}

} // namespace

Result<void> refuseUnknownKeys(const ConfigReader& reader, const json& object,
                               const FamilySpec& spec) {
  for (const std::string& key : reader.unread()) {
    const json& value = object.at(key);
    if (key.starts_with('_') || listed(kHarmless, key) || inactive(value) ||
        (listed(kNeutralAtOne, key) && value == 1) || !speaksOfForwardPass(key))
      continue;
    return reader.unsupported(
        key, fmt::format("this version knows no such option of {} and cannot tell whether it "
                         "changes what the model computes; remove it if it does not",
                         spec.name));
  }
  return {};
}

} // namespace switchyard::model
