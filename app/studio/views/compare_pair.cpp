// Which two traces are compared, and at how many choices.

#include <algorithm>

#include <QComboBox>
#include <QSignalBlocker>

#include "app/studio/views/compare_view.h"

namespace switchyard::studio {

bool CompareView::looksAligned(ItemKey a, ItemKey b) {
  const auto known = m_aligned.find({a, b});
  if (known != m_aligned.end())
    return known->second;
  const Item* left = workbench().document().item(a);
  const Item* right = workbench().document().item(b);
  const bool aligned = left && right && left->trace && right->trace &&
                       jobs::looksAligned(*left->trace, *right->trace);
  return m_aligned[{a, b}] = aligned;
}

std::pair<ItemKey, ItemKey> CompareView::defaultPair() {
  const Document& document = workbench().document();
  const std::vector<ItemKey> keys = document.keys(ItemKind::Trace);
  if (keys.size() < 2)
    return {keys.empty() ? 0 : keys.front(), 0};
  const ItemKey current = document.current(ItemKind::Trace);
  std::vector<std::pair<ItemKey, ItemKey>> pairs;
  for (std::size_t i = 0; i < keys.size(); ++i)
    for (std::size_t j = i + 1; j < keys.size(); ++j)
      pairs.emplace_back(keys[i], keys[j]);
  std::ranges::stable_partition(
      pairs, [&](const auto& pair) { return pair.first == current || pair.second == current; });
  constexpr std::size_t kTried = 32;
  for (std::size_t i = 0; i < std::min(kTried, pairs.size()); ++i)
    if (looksAligned(pairs[i].first, pairs[i].second))
      return pairs[i];
  return pairs.front();
}

void CompareView::listTraces() {
  const Document& document = workbench().document();
  const std::vector<ItemKey> keys = document.keys(ItemKind::Trace);
  std::pair pair = traces();
  const auto isOpen = [&](ItemKey key) { return std::ranges::find(keys, key) != keys.end(); };
  m_isChosen = m_isChosen && isOpen(pair.first) && isOpen(pair.second) && pair.first != pair.second;
  if (!m_isChosen)
    pair = defaultPair();
  for (const auto& [box, shown] : {std::pair(m_a, pair.first), std::pair(m_b, pair.second)}) {
    const QSignalBlocker quiet(box);
    box->clear();
    for (const ItemKey key : keys)
      box->addItem(document.item(key)->name, key);
    box->setCurrentIndex(box->findData(shown));
    box->setToolTip(box->currentText()); // long names are cut
  }
}

/// As many choices as the traces have room for, after as many as both make.
void CompareView::listChoices() {
  int k = 1;
  const Item* a = workbench().document().item(traces().first);
  if (a && a->trace)
    for (const trace::LayerInfo& layer : a->trace->meta().layers)
      k = std::max(k, layer.k);
  const QSignalBlocker quiet(m_at);
  const QVariant shown = m_at->currentData();
  m_at->clear();
  m_at->addItem(tr("as both"), 0);
  for (int choices = 1; choices <= k; ++choices)
    m_at->addItem(QString::number(choices), choices);
  m_at->setCurrentIndex(std::max(0, m_at->findData(shown)));
}

std::pair<ItemKey, ItemKey> CompareView::traces() const {
  return {m_a->currentData().toInt(), m_b->currentData().toInt()};
}

void CompareView::chosen() {
  m_isChosen = true;
  m_partsAccepted = false;
  recompute();
}

void CompareView::setTraces(ItemKey a, ItemKey b) {
  listTraces();
  m_a->setCurrentIndex(m_a->findData(a));
  m_b->setCurrentIndex(m_b->findData(b));
  chosen();
}

void CompareView::setAt(int choices) {
  listChoices();
  m_at->setCurrentIndex(std::max(0, m_at->findData(choices)));
  recompute();
}

void CompareView::swap() {
  const int a = m_a->currentIndex();
  m_a->setCurrentIndex(m_b->currentIndex());
  m_b->setCurrentIndex(a);
  const bool accepted = m_partsAccepted;
  m_isChosen = true;
  recompute();
  m_partsAccepted = accepted;
}

} // namespace switchyard::studio
