#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "core/routing/recipe.h"
#include "core/session/decode_host.h"
#include "core/session/plain_decoder.h"
#include "core/session/sampler.h"
#include "core/session/session.h"

namespace {
std::atomic<std::int64_t> allocations = 0;
} // namespace

#ifndef __SANITIZE_ADDRESS__ // which has an allocator of its own
namespace {
void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  const std::size_t padded = (bytes + alignment - 1) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, padded == 0 ? alignment : padded))
    return memory;
  throw std::bad_alloc();
}
} // namespace

// Every form of new ends in one of these two. Inlined without their new, deletes look mismatched.
void* operator new(std::size_t bytes) {
  return counted(bytes, alignof(std::max_align_t));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
#endif

namespace switchyard::session {
namespace {

class Watcher final : public hooks::Observer {
public:
  hooks::PointSet wants() const override {
    return hooks::Point::RouterLogits | hooks::Point::Weights | hooks::Point::ExpertNorms;
  }
  base::Result<void> onRouter(const hooks::RouterEvent& event) override {
    m_rows += static_cast<std::int64_t>(event.rows.size());
    return {};
  }
  std::int64_t rows() const { return m_rows; }

private:
  std::int64_t m_rows = 0;
};

TEST(DecodeLoop, DoesNotAllocatePerToken) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "allocations are not counted under AddressSanitizer";
#endif
  const base::ThreadContext threads(1);
  auto model = model::Model::load(SY_DATA "/demo-model", threads);
  ASSERT_TRUE(model) << model.error().describe();
  auto session = Session::create(*model, threads, {.reserve = 128});
  ASSERT_TRUE(session);
  Watcher watcher;
  hooks::Observer* observers[] = {&watcher};
  base::TokenId next(5);
  EXPECT_GT(allocations, 0); // the model is loaded, so counting works
  std::int64_t before = 0;
  for (int i = 0; i < 100; ++i) {
    if (i == 2) // buffers have their size by now
      before = allocations;
    const auto logits = session->extend({&next, 1}, observers);
    ASSERT_TRUE(logits) << logits.error().describe();
    next = argmax(*logits);
  }
  EXPECT_EQ(allocations - before, 0);
  EXPECT_EQ(watcher.rows(), 100 * (*model)->config().moeLayers());
}

TEST(DecodeLoop, DoesNotAllocatePerTokenThroughADecodeHostEither) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "allocations are not counted under AddressSanitizer";
#endif
  const base::ThreadContext threads(1);
  auto model = model::Model::load(SY_DATA "/demo-model", threads);
  ASSERT_TRUE(model) << model.error().describe();
  Watcher watcher;
  hooks::Observer* observers[] = {&watcher};
  Sampler sampler({}, 0);
  auto host = ModelDecodeHost::create(
      *model, threads,
      {.choose = [&](auto scores, auto text) { return sampler.sample(scores, text); },
       .observers = observers,
       .reserve = 128});
  ASSERT_TRUE(host);
  const base::TokenId prompt[] = {base::TokenId(5), base::TokenId(6)};
  ASSERT_TRUE((*host)->start(prompt));
  PlainDecoder decoder;
  ASSERT_TRUE(decoder.begin(**host, prompt));
  std::int64_t before = 0;
  for (int i = 0; i < 100; ++i) {
    if (i == 2)
      before = allocations;
    const auto token = decoder.next(**host, (*host)->text().back());
    ASSERT_TRUE(token) << token.error().describe();
    (*host)->emit(token->token);
  }
  EXPECT_EQ(allocations - before, 0);
  EXPECT_EQ(watcher.rows(), 101 * (*model)->config().moeLayers());
}

TEST(DecodeLoop, DoesNotAllocatePerTokenForASecondBranchWithARecipeAndSomeOfItsLogitsEither) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "allocations are not counted under AddressSanitizer";
#endif
  const base::ThreadContext threads(1);
  auto model = model::Model::load(SY_DATA "/demo-model", threads);
  ASSERT_TRUE(model) << model.error().describe();
  auto host = ModelDecodeHost::create(
      *model, threads,
      {.choose = [](auto scores, auto) -> base::Result<base::TokenId> { return argmax(scores); },
       .compile = [](std::string_view json) -> base::Result<std::unique_ptr<routing::Policy>> {
         return routing::buildRecipe(SY_TRY(routing::parseRecipe(json, {})));
       },
       .reserve = 128});
  ASSERT_TRUE(host);
  const base::TokenId first(5);
  ASSERT_TRUE((*host)->start({&first, 1}));
  const auto recipe = (*host)->compileRecipe(
      R"({"steps":[{"plugin":"rank-r","options":{"rank":2,"renorm":false}}]})");
  ASSERT_TRUE(recipe) << recipe.error().describe();
  const BranchId weak = (*host)->open().value();
  std::vector<float> strongLogits(4096), weakLogits(4096);
  const base::TokenId some[] = {base::TokenId(7), base::TokenId(4000)};
  float logitsOfSome[2];
  std::int64_t before = 0;
  for (int i = 0; i < 60; ++i) { // a new branch has room for 64
    if (i == 2)
      before = allocations;
    const base::TokenId last = (*host)->text().back();
    const BranchStep steps[] = {{0, {&last, 1}, 0, {}, strongLogits},
                                {weak, {&last, 1}, *recipe, {}, weakLogits}};
    const auto ran = (*host)->step(steps);
    ASSERT_TRUE(ran) << ran.error().describe();
    ASSERT_TRUE((*host)->tokenLogits(weak, some, logitsOfSome));
    EXPECT_EQ(logitsOfSome[1], weakLogits[4000]);
    (*host)->emit(argmax(strongLogits));
  }
  EXPECT_EQ(allocations - before, 0);
  EXPECT_NE(strongLogits, weakLogits);
}

} // namespace
} // namespace switchyard::session
