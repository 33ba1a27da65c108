"""Tiny seeded checkpoints for the switches that ../models does not use, with reference outputs.

Documents how the folders were made; the build does not run it.
    pip install transformers==5.23.0 torch==2.13.0 numpy==2.4.6 safetensors==0.8.0
    python make.py [name ...]
Weights are stored as bfloat16 (the choice bias as float32), the reference runs them in float32: eager
attention, eager experts, one thread. Keys as in ../models/README.md, without gradients.
"""
import copy
import json
import os
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

SHORT8, LONG8 = [1.0, 1.25, 1.75, 2.5], [1.0, 2.5, 8.0, 20.0]
BASE = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 256, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None,
        "num_experts_per_tok": 2, "tie_word_embeddings": False}
QWEN = {**BASE, "num_experts": 4, "moe_intermediate_size": 16, "intermediate_size": 24}
MIXTRAL = {**BASE, "num_local_experts": 4, "intermediate_size": 16, "head_dim": 8}
DEEPSEEK = {**BASE, "n_routed_experts": 8, "moe_intermediate_size": 16, "intermediate_size": 24,
            "n_shared_experts": 1, "first_k_dense_replace": 1}
MLA = {**DEEPSEEK, "num_key_value_heads": 4, "q_lora_rank": 16, "kv_lora_rank": 16, "qk_nope_head_dim": 8,
       "qk_rope_head_dim": 8, "v_head_dim": 12}

# name: (family, configuration, whether to write the older layout)
MODELS = {
    "mixtral-linear-window": ("mixtral", {
        **MIXTRAL, "sliding_window": 9, "tie_word_embeddings": True,
        "rope_parameters": {"rope_type": "linear", "factor": 2.5, "rope_theta": 10000.0}}, True),
    "mixtral-dynamic": ("mixtral", {
        **MIXTRAL, "head_dim": 12, "max_position_embeddings": 32,
        "rope_parameters": {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 10000.0}}, True),
    "mixtral-longrope": ("mixtral", {
        **MIXTRAL, "rope_parameters": {"rope_type": "longrope", "rope_theta": 10000.0, "short_factor": SHORT8,
                                       "long_factor": LONG8, "original_max_position_embeddings": 32}}, False),
    "mixtral-llama3": ("mixtral", {
        **MIXTRAL, "head_dim": 16, "num_key_value_heads": 1,
        "rope_parameters": {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
                            "high_freq_factor": 4.0, "original_max_position_embeddings": 64}}, True),
    "qwen3_moe-step-window": ("qwen3_moe", {
        **QWEN, "num_hidden_layers": 4, "decoder_sparse_step": 2, "mlp_only_layers": [], "norm_topk_prob": False,
        "attention_bias": True, "use_sliding_window": True, "sliding_window": 10, "head_dim": 12,
        "rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "beta_fast": 4.0,
                            "original_max_position_embeddings": 32}}, False),
    "qwen2_moe-window": ("qwen2_moe", {
        **QWEN, "num_hidden_layers": 3, "use_sliding_window": True, "sliding_window": 8, "max_window_layers": 2,
        "qkv_bias": False, "norm_topk_prob": True, "shared_expert_intermediate_size": 20}, True),
    "olmoe-clip": ("olmoe", {
        **BASE, "num_experts": 6, "intermediate_size": 16, "clip_qkv": 0.8, "norm_topk_prob": True,
        "attention_bias": True, "tie_word_embeddings": True}, True),
    "flex_olmo-bias": ("flex_olmo", {
        **BASE, "num_experts": 5, "intermediate_size": 16, "norm_topk_prob": True, "attention_bias": True}, False),
    "dots1-groups-window": ("dots1", {
        **DEEPSEEK, "num_hidden_layers": 3, "n_group": 4, "topk_group": 2, "num_experts_per_tok": 3,
        "sliding_window": 7, "max_window_layers": 1, "attention_bias": True, "norm_topk_prob": True,
        "routed_scaling_factor": 1.5, "head_dim": 8}, False),
    "glm4_moe-groups": ("glm4_moe", {
        **DEEPSEEK, "head_dim": 16, "use_qk_norm": False, "attention_bias": False, "norm_topk_prob": False,
        "n_group": 2, "topk_group": 1, "num_nextn_predict_layers": 0, "routed_scaling_factor": 1.0,
        "rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 2.0, "truncate": False,
                            "attention_factor": 0.9, "original_max_position_embeddings": 64,
                            "partial_rotary_factor": 0.25}}, False),
    "ernie4_5_moe-interval": ("ernie4_5_moe", {
        **{k: v for k, v in BASE.items() if k != "num_experts_per_tok"}, "num_hidden_layers": 5, "moe_num_experts": 5, "moe_k": 2,
        "moe_intermediate_size": 16, "intermediate_size": 24, "moe_layer_interval": 2, "moe_layer_start_index": 2,
        "moe_layer_end_index": 3, "moe_num_shared_experts": 0, "use_bias": True, "tie_word_embeddings": True,
        "moe_norm_min": 0.9}, False),
    "deepseek_v2-bias": ("deepseek_v2", {
        **MLA, "attention_bias": True, "mlp_bias": True, "topk_method": "group_limited_greedy", "n_group": 2,
        "topk_group": 1, "routed_scaling_factor": 1.3,
        "rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 8.0, "mscale": 0.707,
                            "mscale_all_dim": 1.1, "original_max_position_embeddings": 32}}, True),
    "deepseek_v3-plain": ("deepseek_v3", {
        **MLA, "q_lora_rank": None, "attention_bias": True, "rope_interleave": False, "n_group": 1, "topk_group": 1,
        "norm_topk_prob": False, "num_nextn_predict_layers": 0, "routed_scaling_factor": 1.0}, False),
    "gpt_oss-types": ("gpt_oss", {
        **BASE, "num_hidden_layers": 3, "num_local_experts": 4, "intermediate_size": 16, "head_dim": 8,
        "sliding_window": 6, "layer_types": ["full_attention", "sliding_attention", "sliding_attention"],
        "attention_bias": False, "swiglu_limit": 0.75, "swiglu_alpha": 1.3,
        "rope_parameters": {"rope_type": "default", "rope_theta": 5000.0}}, False),
    "phimoe-longrope": ("phimoe", {
        **BASE, "num_local_experts": 4, "intermediate_size": 16, "sliding_window": 11, "router_jitter_noise": 0.3,
        "attention_bias": False, "lm_head_bias": False,
        "rope_parameters": {"rope_type": "longrope", "rope_theta": 10000.0, "short_factor": SHORT8,
                            "long_factor": LONG8, "short_mscale": 1.1, "long_mscale": 1.3,
                            "original_max_position_embeddings": 32}}, True),
    "granitemoe-bias": ("granitemoe", {
        **BASE, "num_local_experts": 4, "intermediate_size": 16, "attention_bias": True, "tie_word_embeddings": True,
        "embedding_multiplier": 2.0, "residual_multiplier": 0.5, "logits_scaling": 1.5,
        "attention_multiplier": 0.2}, True),
}
LENGTHS = [20, 40, 7]
SIGMOID = {"dots1", "glm4_moe", "deepseek_v3"}


def randomize(model, generator):
    for name, p in list(model.named_parameters()) + list(model.named_buffers()):
        if "inv_freq" in name:
            continue
        noise = torch.randn(p.shape, generator=generator)
        if "correction_bias" in name:
            p.data = noise * 0.05
        elif name.endswith("bias"):
            p.data = noise * 0.1
        elif "norm" in name:
            p.data = 1 + noise * 0.1
        elif "router" in name or name.endswith("gate.weight"):
            p.data = noise * 0.5
        elif "sinks" in name:
            p.data = noise
        else:
            p.data = noise * (0.5 if "embed" in name else 0.25)


def selection_scores(family, logits, router):
    if family in SIGMOID:
        scores = logits.sigmoid() + router.e_score_correction_bias
    elif family == "ernie4_5_moe":
        scores = logits.softmax(-1) + router.moe_statics.e_score_correction_bias.squeeze()
    elif family in ("gpt_oss", "granitemoe", "phimoe"):
        scores = logits
    else:
        scores = logits.softmax(-1)
    return scores


def expert_norms(experts, family, x, ids):
    norms = torch.zeros(ids.shape)
    for t in range(ids.shape[0]):
        for j in range(ids.shape[1]):
            e = int(ids[t, j])
            if family == "gpt_oss":
                both = x[t] @ experts.gate_up_proj[e] + experts.gate_up_proj_bias[e]
                out = experts._apply_gate(both) @ experts.down_proj[e] + experts.down_proj_bias[e]
            else:
                gate, up = (experts.gate_up_proj[e] @ x[t]).chunk(2)
                out = experts.down_proj[e] @ (torch.nn.functional.silu(gate) * up)
            norms[t, j] = out.norm()
    return norms


def smallest_gap(scores, config, k, family):
    """How far the decisions are from a tie: between the last chosen and the first not chosen."""
    gaps = []
    groups = getattr(config, "n_group", None) or 1
    if groups > 1 and getattr(config, "topk_method", "") != "greedy":
        members = scores.view(scores.shape[0], groups, -1).sort(dim=-1, descending=True).values
        ranked = members[..., 0] if family == "deepseek_v2" else members[..., :2].sum(-1)
        order = ranked.sort(dim=1, descending=True)
        kept = config.topk_group
        if kept < groups:
            gaps.append((order.values[:, kept - 1] - order.values[:, kept]).min())
            lost = torch.ones(scores.shape[0], groups, dtype=torch.bool).scatter(1, order.indices[:, :kept], False)
            scores = scores.masked_fill(lost.repeat_interleave(scores.shape[1] // groups, dim=1), -1e9)
    best = scores.sort(dim=1, descending=True).values[:, :k + 1]
    gaps.append((best[:, :-1] - best[:, 1:]).min())
    return min(gaps)


class TooClose(Exception):
    pass


def reference(name, family, model, generator):
    out = {}
    for p, length in enumerate(LENGTHS):
        ids = torch.randint(3, 64, (length,), generator=generator)
        run = copy.deepcopy(model)  # rotary modules keep state
        layers = {}

        def hook(module, args, output, layer):
            layers[layer] = {"experts": module, "x": args[0], "ids": args[1], "weights": args[2]}

        def router_hook(module, args, output, layer):
            layers_router[layer] = (module, output[0])

        layers_router = {}
        for module_name, module in run.named_modules():
            parts = module_name.split(".")
            if module_name.endswith(".experts") and "shared" not in module_name:
                module.register_forward_hook(lambda m, a, o, layer=int(parts[2]): hook(m, a, o, layer))
            if type(module).__name__.endswith(("Router", "TopKGating")):
                module.register_forward_hook(lambda m, a, o, layer=int(parts[2]): router_hook(m, a, o, layer))
        with torch.no_grad():
            result = run(ids[None], output_hidden_states=True, use_cache=False)
        logits = result.logits[0]
        out[f"p{p}.ids"] = ids
        out[f"p{p}.logits"] = logits
        out[f"p{p}.loss"] = torch.nn.functional.cross_entropy(logits[:-1], ids[1:])[None]
        if p == 0:
            out["p0.hidden"] = torch.stack([h[0] for h in result.hidden_states])
        for layer, seen in sorted(layers.items()):
            router, router_logits = layers_router[layer]
            scores = selection_scores(family, router_logits, router)
            chosen, weights = seen["ids"], seen["weights"]
            if family != "phimoe":
                order = scores.gather(1, chosen).argsort(dim=1, descending=True, stable=True)
                chosen, weights = chosen.gather(1, order), weights.gather(1, order)
                if smallest_gap(scores, model.config, chosen.shape[1], family) < 1e-4:
                    raise TooClose
            x = seen["x"].reshape(-1, seen["x"].shape[-1])
            out[f"p{p}.l{layer}.router_logits"] = router_logits
            out[f"p{p}.l{layer}.experts"] = chosen.long()
            out[f"p{p}.l{layer}.weights"] = weights
            out[f"p{p}.l{layer}.norms"] = expert_norms(seen["experts"], family, x, chosen)
        run = copy.deepcopy(model)
        greedy, cache, step = [], None, ids[None]
        with torch.no_grad():
            for _ in range(16):
                result = run(step, past_key_values=cache, use_cache=True)
                cache = result.past_key_values
                top = result.logits[0, -1].topk(2)
                if top.values[0] - top.values[1] < 1e-3:  # of about 10
                    raise TooClose
                greedy.append(int(top.indices[0]))
                step = torch.tensor([[greedy[-1]]])
        out[f"p{p}.greedy"] = torch.tensor(greedy)
    return out


def older_layout(path):
    with open(path) as file:
        config = json.load(file)
    rope = config.pop("rope_parameters", None) or {}
    config["rope_theta"] = rope.pop("rope_theta", 10000.0)
    kind = rope.pop("rope_type", "default")
    config["rope_scaling"] = None if kind == "default" else {"type": kind, **rope}
    config["torch_dtype"] = config.pop("dtype")
    config.pop("layer_types", None)
    with open(path, "w") as file:
        json.dump(config, file, indent=2, sort_keys=True)


def make(name):
    family, options, older = MODELS[name]
    for seed in range(1, 40):
        generator = torch.Generator().manual_seed(seed)
        config = AutoConfig.for_model(family, **copy.deepcopy(options))
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", experts_implementation="eager")
        randomize(model, generator)
        shutil.rmtree(name, ignore_errors=True)
        model.tie_weights()
        keep = {k: v.clone() for k, v in model.state_dict().items() if "correction_bias" in k}
        model = model.to(torch.bfloat16)
        for key, value in keep.items():
            parts = key.split(".")
            owner = model.get_submodule(".".join(parts[:-1]))
            getattr(owner, parts[-1]).data = value
        model.save_pretrained(name)
        model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32, attn_implementation="eager",
                                                     experts_implementation="eager").eval()
        try:
            tensors = reference(name, family, model, generator)
        except TooClose:
            continue
        save_file({k: v.contiguous() for k, v in tensors.items()}, f"{name}/reference.safetensors",
                  metadata={"seed": str(seed), "transformers": "5.23.0", "torch": "2.13.0"})
        if os.path.exists(f"{name}/generation_config.json"):
            os.remove(f"{name}/generation_config.json")
        if older:
            older_layout(f"{name}/config.json")
        print(name, "seed", seed, sum(os.path.getsize(f"{name}/{f}") for f in os.listdir(name)) // 1024, "KiB",
              "experts used", {k: len(v.unique()) for k, v in tensors.items() if k.startswith("p1") and k.endswith("experts")})
        return
    raise SystemExit(f"no seed without near-ties for {name}")


for name in sys.argv[1:] or MODELS:
    make(name)
