#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "core/plugin/sdk/test_object.hpp"

SY_SDK_NAMESPACE_BEGIN

/// Drives a decoder over a made-up model: the next-token logits are a function of the tokens that a
/// branch has run, and the host's sampler takes the best score.
class DecoderScene {
public:
  using Logits = std::vector<float> (*)(const std::vector<std::int32_t>& tokens);

  DecoderScene(const TestPlugin& plugin, const std::vector<TestOption>& options, int vocabulary,
               Logits logits)
      : m_logits(logits), m_services(makeServices(vocabulary)),
        m_object(plugin, SY_KIND_DECODER, options, &m_services) {}

  /// The tokens that are emitted after a prompt, at most `count`.
  std::vector<std::int32_t> decode(const std::vector<std::int32_t>& prompt, int count) {
    m_branches = {{0, {prompt.begin(), prompt.end() - 1}}};
    sy_error error = makeError();
    expectOk(m_object.table().begin(m_object.object(), prompt.data(),
                                    static_cast<std::int64_t>(prompt.size()), &error),
             error);
    std::vector<std::int32_t> out;
    std::int32_t last = prompt.back();
    while (static_cast<int>(out.size()) < count) {
      const char* names[64];
      double values[64];
      sy_decoded decoded{sizeof(sy_decoded), -1, 0, 64, 0, 0, names, values};
      expectOk(m_object.table().next(m_object.object(), last, &decoded, &error), error);
      if (decoded.stop != 0)
        break;
      last = decoded.token;
      out.push_back(last);
    }
    return out;
  }
  std::size_t branches() const { return m_branches.size(); }

private:
  sy_session_services makeServices(int vocabulary) {
    sy_session_services s{};
    s.struct_size = sizeof(s);
    s.vocabulary = vocabulary;
    s.moe_layers = 1;
    s.experts = 4;
    s.k = 2;
    s.context = this;
    s.open = [](void* context, std::int32_t* branch, sy_error*) {
      DecoderScene& self = *static_cast<DecoderScene*>(context);
      *branch = ++self.m_lastBranch;
      self.m_branches[*branch] = {};
      return sy_status{SY_OK};
    };
    s.fork = [](void* context, std::int32_t from, std::int32_t* branch, sy_error* error) {
      DecoderScene& self = *static_cast<DecoderScene*>(context);
      if (self.m_branches.count(from) == 0) {
        setMessage(error, "there is no such branch");
        return sy_status{SY_NOT_FOUND};
      }
      *branch = ++self.m_lastBranch;
      self.m_branches[*branch] = self.m_branches[from];
      return sy_status{SY_OK};
    };
    s.close = [](void* context, std::int32_t branch, sy_error*) {
      static_cast<DecoderScene*>(context)->m_branches.erase(branch);
      return sy_status{SY_OK};
    };
    s.length = [](void* context, std::int32_t branch) -> std::int64_t {
      const auto& branches = static_cast<DecoderScene*>(context)->m_branches;
      const auto found = branches.find(branch);
      return found == branches.end() ? -1 : static_cast<std::int64_t>(found->second.size());
    };
    s.step = [](void* context, const sy_branch_step* const* steps, std::uint32_t count,
                sy_error* error) {
      DecoderScene& self = *static_cast<DecoderScene*>(context);
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto found = self.m_branches.find(steps[i]->branch);
        if (found == self.m_branches.end()) {
          setMessage(error, "there is no such branch");
          return sy_status{SY_NOT_FOUND};
        }
        found->second.insert(found->second.end(), steps[i]->tokens,
                             steps[i]->tokens + steps[i]->token_count);
        if (steps[i]->logits != nullptr) {
          const std::vector<float> logits = self.m_logits(found->second);
          std::copy(logits.begin(), logits.end(), steps[i]->logits);
        }
      }
      return sy_status{SY_OK};
    };
    s.rewind = [](void* context, std::int32_t branch, std::int64_t length, sy_error* error) {
      auto& branches = static_cast<DecoderScene*>(context)->m_branches;
      const auto found = branches.find(branch);
      if (found == branches.end() || length < 0 ||
          length > static_cast<std::int64_t>(found->second.size())) {
        setMessage(error, "there is no such branch, or it is shorter");
        return sy_status{SY_INVALID_ARGUMENT};
      }
      found->second.resize(static_cast<std::size_t>(length));
      return sy_status{SY_OK};
    };
    s.sample = [](void* context, const float* scores, std::int32_t* token, sy_error*) {
      const int size = static_cast<DecoderScene*>(context)->m_services.vocabulary;
      *token = static_cast<std::int32_t>(std::max_element(scores, scores + size) - scores);
      return sy_status{SY_OK};
    };
    s.token_logits = [](void* context, std::int32_t branch, const std::int32_t* tokens,
                        std::int64_t count, float* out, sy_error* error) {
      DecoderScene& self = *static_cast<DecoderScene*>(context);
      const auto found = self.m_branches.find(branch);
      if (found == self.m_branches.end() || found->second.empty()) {
        setMessage(error, "there is no such branch, or it has run nothing");
        return sy_status{SY_INVALID_ARGUMENT};
      }
      const std::vector<float> logits = self.m_logits(found->second);
      for (std::int64_t i = 0; i < count; ++i)
        out[i] = logits.at(static_cast<std::size_t>(tokens[i]));
      return sy_status{SY_OK};
    };
    return s;
  }

  Logits m_logits;
  std::map<std::int32_t, std::vector<std::int32_t>> m_branches;
  std::int32_t m_lastBranch = 0;
  sy_session_services m_services;
  TestObject<sy_decoder_table> m_object;
};

SY_SDK_NAMESPACE_END
