#include "app/studio/live/yard_history.h"

#include <algorithm>
#include <cmath>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {
constexpr double kWidth = 1.25;
} // namespace

YardHistory::Token YardHistory::take(std::vector<Token>& from, std::int64_t position,
                                     std::int64_t oldest, std::int64_t newest) {
  auto found = std::ranges::find(from, position, &Token::position);
  if (found == from.end())
    found = std::ranges::find_if(from, [&](const Token& token) {
      return token.position < oldest || token.position > newest;
    });
  if (found == from.end())
    return {};
  Token token = std::move(*found);
  from.erase(found);
  return token;
}

void YardHistory::update(const QImage& image, const YardLayout& layout, const YardScene& scene) {
  std::vector<Token> before;
  before.swap(m_tokens);
  if (image.size() != m_size || image.devicePixelRatio() != m_ratio ||
      layout.isCurved() != m_curved)
    for (Token& token : before)
      token.segments.clear();
  m_size = image.size();
  m_ratio = image.devicePixelRatio();
  m_curved = layout.isCurved();
  const Theme& theme = Theme::instance();
  const double base = theme.isDark() ? 0.42 : 0.60;
  const int history =
      scene.track->has(scene.position) ? std::min(scene.history, layout.history()) : 0;
  for (int age = history; age >= 1; --age) {
    const std::int64_t position = scene.position - age;
    if (!scene.track->has(position))
      continue;
    Token token = take(before, position, scene.position - history, scene.position - 1);
    token.position = position;
    token.color = theme.color(Ink::TextMuted);
    token.color.setAlphaF(static_cast<float>(base * std::pow(1 - age / (history + 1.0), 1.5)));
    std::vector<yard::Segment> segments = yard::firstSegments(layout, *scene.track, position);
    if (segments != token.segments) {
      token.segments = std::move(segments);
      token.masks.resize(token.segments.size());
      for (std::size_t i = 0; i < token.segments.size(); ++i)
        traceStrand(token.masks[i], m_size, token.segments[i].from * m_ratio,
                    token.segments[i].to * m_ratio, kWidth * m_ratio, m_curved);
    }
    m_tokens.push_back(std::move(token));
  }
}

void YardHistory::lay(StrandRaster& raster, std::size_t first, std::size_t last) const {
  for (const Token& token : m_tokens) {
    const auto begin = std::ranges::lower_bound(token.segments, first, {}, &yard::Segment::layer);
    const auto end = std::ranges::lower_bound(token.segments, last, {}, &yard::Segment::layer);
    for (auto i = begin - token.segments.begin(); i < end - token.segments.begin(); ++i)
      raster.lay(token.masks[static_cast<std::size_t>(i)], token.color);
  }
}

} // namespace switchyard::studio
