#include "plugins/common/convert.h"

namespace switchyard::plugins {

namespace {

sdk::Axis axisOf(trace::Axis axis) {
  return {std::move(axis.title), std::move(axis.labels)};
}

sdk::Heatmap contentOf(trace::Heatmap from) {
  sdk::Heatmap to{axisOf(std::move(from.x)),
                  axisOf(std::move(from.y)),
                  std::move(from.values),
                  std::move(from.unit),
                  from.neutral,
                  {}};
  for (const trace::DendrogramMerge& merge : from.merges)
    to.merges.push_back({merge.left, merge.right, merge.height});
  return to;
}

sdk::Chart contentOf(trace::Chart from) {
  sdk::Chart to;
  to.kind = static_cast<sdk::ChartKind>(from.kind);
  to.xTitle = std::move(from.xTitle);
  to.xUnit = std::move(from.xUnit);
  to.yTitle = std::move(from.yTitle);
  to.yUnit = std::move(from.yUnit);
  to.categories = std::move(from.categories);
  to.reference = from.reference;
  to.referenceLabel = std::move(from.referenceLabel);
  for (trace::Series& series : from.series)
    to.series.push_back({std::move(series.name), std::move(series.x), std::move(series.y),
                         std::move(series.intervals), std::move(series.labels)});
  return to;
}

sdk::Flow contentOf(trace::Flow from) {
  sdk::Flow to;
  to.unit = std::move(from.unit);
  for (trace::Flow::Node& node : from.nodes)
    to.nodes.push_back({std::move(node.label), node.column});
  for (const trace::Flow::Link& link : from.links)
    to.links.push_back({link.from, link.to, link.amount});
  return to;
}

} // namespace

void raise(const base::Error& error) {
  sy_status status = SY_INTERNAL;
  switch (error.code) {
  case base::ErrorCode::InvalidArgument:
    status = SY_INVALID_ARGUMENT;
    break;
  case base::ErrorCode::LimitExceeded:
    status = SY_LIMIT_EXCEEDED;
    break;
  case base::ErrorCode::NonFinite:
    status = SY_NON_FINITE;
    break;
  case base::ErrorCode::Unsupported:
    status = SY_UNSUPPORTED;
    break;
  case base::ErrorCode::Cancelled:
    status = SY_CANCELLED;
    break;
  case base::ErrorCode::InvalidFormat:
    status = SY_INVALID_FORMAT;
    break;
  case base::ErrorCode::NotFound:
    status = SY_NOT_FOUND;
    break;
  case base::ErrorCode::Io:
    status = SY_IO;
    break;
  case base::ErrorCode::Corrupt:
    status = SY_CORRUPT;
    break;
  case base::ErrorCode::Internal:
    break;
  }
  throw sdk::Failure(status, error.describe());
}

std::vector<trace::LayerInfo> layersOf(std::span<const sdk::Layer> layers) {
  std::vector<trace::LayerInfo> out;
  for (const sdk::Layer& layer : layers)
    out.push_back({layer.layer, layer.experts, layer.k});
  return out;
}

std::uint32_t columnsOf(const trace::Columns& columns) {
  std::uint32_t out = 0;
  if (columns.weights)
    out |= SY_COLUMN_WEIGHTS;
  if (columns.logits)
    out |= SY_COLUMN_LOGITS;
  if (columns.norms)
    out |= SY_COLUMN_NORMS;
  if (columns.predicted)
    out |= SY_COLUMN_PREDICTED;
  return out;
}

sdk::Result resultOf(trace::AnalysisResult from) {
  sdk::Result to;
  for (trace::Table& table : from.tables) {
    sdk::Table& out = to.tables.emplace_back();
    out.name = std::move(table.name);
    out.title = std::move(table.title);
    out.rows = std::move(table.rows);
    for (trace::Column& column : table.columns)
      out.columns.push_back(
          {std::move(column.name), std::move(column.unit), std::move(column.help)});
  }
  for (trace::Figure& figure : from.figures) {
    sdk::Figure& out = to.figures.emplace_back();
    out.name = std::move(figure.name);
    out.title = std::move(figure.title);
    out.note = std::move(figure.note);
    std::visit([&](auto& content) { out.content = contentOf(std::move(content)); }, figure.content);
  }
  for (trace::Headline& headline : from.headlines)
    to.headlines.push_back({std::move(headline.name), std::move(headline.title),
                            std::move(headline.value), std::move(headline.unit), headline.interval,
                            headline.level, std::move(headline.note)});
  to.findings = std::move(from.findings);
  to.warnings = std::move(from.warnings);
  to.formula = std::move(from.provenance.formula);
  to.filter = std::move(from.provenance.filter);
  return to;
}

trace::MachineDescription machineOf(const sdk::Machine& from) {
  trace::MachineDescription to;
  to.name = from.name;
  to.devices = from.devices;
  to.devicesPerNode = from.devices_per_node;
  to.fastMemory = from.fast_memory;
  to.memoryBandwidth = from.memory_bandwidth;
  to.flops = from.flops;
  to.loadBandwidth = from.load_bandwidth;
  to.loadLatency = from.load_latency;
  to.nodeBandwidth = from.node_bandwidth;
  to.networkBandwidth = from.network_bandwidth;
  to.linkLatency = from.link_latency;
  to.hidden = from.hidden;
  to.expertWidth = from.expert_width;
  to.expertBytes = from.expert_bytes;
  to.activationBytes = from.activation_bytes;
  return to;
}

trace::RoutingBlock BlockReader::read(const sdk::Block& block) {
  const sdk::Sequence& from = block.sequence;
  if (!m_any || m_sequence.index != from.index() ||
      m_sequence.tokens.size() != from.tokens().size()) {
    m_any = true;
    m_sequence.index = from.index();
    m_sequence.id = from.id();
    m_sequence.source = from.source();
    m_sequence.text = from.text();
    m_sequence.tokens.assign(from.tokens().begin(), from.tokens().end());
    m_sequence.promptLength = from.promptLength();
    m_sequence.labels.clear();
    for (std::size_t i = 0; i < from.labelCount(); ++i)
      m_sequence.labels.emplace(from.labelName(i), from.labelValue(i));
  }
  trace::RoutingBlock out;
  out.sequence = &m_sequence;
  out.moeLayer = block.moeLayer;
  out.info = {block.layer.layer, block.layer.experts, block.layer.k};
  out.firstToken = block.firstToken;
  out.rows = block.rows;
  out.ids = block.ids;
  out.weights = block.weights;
  out.logits = block.logits;
  out.norms = block.norms;
  out.predicted = block.predicted;
  return out;
}

} // namespace switchyard::plugins
