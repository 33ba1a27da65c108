#include "app/studio/steer/ab_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/studio/live/panel.h"
#include "app/studio/live/token_texts.h"
#include "app/studio/shell/elided_label.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

std::vector<DiffPiece> piecesOf(const std::vector<base::TokenId>& tokens,
                                const std::vector<bool>& differs, const TokenTexts& texts) {
  std::vector<DiffPiece> pieces;
  for (std::size_t i = 0; i < tokens.size(); ++i)
    pieces.push_back({texts.piece(tokens[i].value), differs[i]});
  return pieces;
}

void showVerdict(QLabel* label, bool right, const QString& answer) {
  const Theme& theme = Theme::instance();
  label->setText(right ? AbPanel::tr("✓ right") : AbPanel::tr("✕ wrong, answer is %1").arg(answer));
  label->setStyleSheet(
      QString("color: %1").arg(theme.color(right ? Ink::Good : Ink::Error).name()));
}

} // namespace

AbPanel::AbPanel(QWidget* parent)
    : QWidget(parent), m_a(new DiffText(tr("A, the model's own routing"))),
      m_b(new DiffText(tr("B, with the recipe"))), m_verdictA(new QLabel), m_verdictB(new QLabel),
      m_chip(new QLabel(tr("differs"))), m_summary(new ElidedLabel),
      m_copy(new QPushButton(tr("Copy as command line"))) {
  auto* split = new QSplitter;
  auto* left = new Panel("A", tr("no recipe"), m_a);
  auto* right = new Panel("B", tr("with recipe"), m_b);
  left->addHeader(m_verdictA);
  right->addHeader(m_verdictB);
  split->addWidget(left);
  split->addWidget(right);
  split->setSizes({1000, 1000});
  split->setChildrenCollapsible(false);
  for (QLabel* label : {m_verdictA, m_verdictB, m_chip, m_summary})
    label->setProperty("note", true);
  m_summary->setProperty("muted", true);
  auto* row = new QWidget;
  row->setObjectName("provenanceRow");
  row->setAttribute(Qt::WA_StyledBackground);
  auto* line = new QHBoxLayout(row);
  line->setContentsMargins(10, 3, 10, 3);
  line->setSpacing(8);
  line->addWidget(m_chip);
  line->addWidget(m_summary, 1);
  line->addWidget(m_copy);
  m_copy->setFlat(true);
  m_copy->setProperty("flat", true);
  m_copy->setToolTip(tr("The two commands that make A and B"));
  m_copy->hide();
  connect(m_copy, &QPushButton::clicked, this, [this] { Q_EMIT copyRequested(m_lines); });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(split, 1);
  layout->addWidget(row);
  connect(&Theme::instance(), &Theme::changed, this, &AbPanel::applyTheme);
  applyTheme();
}

void AbPanel::setOutcome(std::shared_ptr<const AbOutcome> outcome,
                         const std::shared_ptr<const tokenizer::Tokenizer>& tokenizer,
                         const std::optional<AbVerdict>& verdict) {
  m_outcome = std::move(outcome);
  m_tokenizer = tokenizer;
  m_verdict = verdict;
  m_note.clear();
  const TokenTexts texts(tokenizer);
  m_a->setPieces(m_outcome ? piecesOf(m_outcome->a.tokens, m_outcome->diff.a, texts)
                           : std::vector<DiffPiece>());
  m_b->setPieces(m_outcome ? piecesOf(m_outcome->b.tokens, m_outcome->diff.b, texts)
                           : std::vector<DiffPiece>());
  update();
}

void AbPanel::setNote(const QString& note) {
  m_note = note;
  update();
}

void AbPanel::setFurther(const QString& text) {
  m_further = text;
  update();
}

void AbPanel::setCommandLines(const QString& lines) {
  m_lines = lines;
  m_copy->setVisible(!lines.isEmpty());
}

QString AbPanel::note() const {
  return m_summary->text();
}

void AbPanel::update() {
  m_verdictA->setVisible(m_verdict.has_value());
  m_verdictB->setVisible(m_verdict.has_value());
  if (m_verdict) {
    showVerdict(m_verdictA, m_verdict->a, m_verdict->answer);
    showVerdict(m_verdictB, m_verdict->b, m_verdict->answer);
  }
  QString text = m_note;
  if (text.isEmpty() && m_outcome) {
    const std::size_t tokens = std::max(m_outcome->a.tokens.size(), m_outcome->b.tokens.size());
    text = m_outcome->diff.first < 0 ? tr("A and B are the same: %1 tokens.").arg(tokens)
                                     : tr("%1 of %2 tokens differ, first at generated token %3.")
                                           .arg(m_outcome->diff.differing())
                                           .arg(tokens)
                                           .arg(m_outcome->diff.first);
  }
  if (text.isEmpty())
    text = tr("Nothing has been generated yet.");
  m_chip->setVisible(m_note.isEmpty() && m_outcome && m_outcome->diff.first >= 0);
  m_summary->setText(m_further.isEmpty() ? text : text + " " + m_further);
}

QString AbPanel::csv() const {
  if (!m_outcome)
    return {};
  const TokenTexts texts(m_tokenizer);
  const auto cell = [&](const std::vector<base::TokenId>& tokens, std::size_t i) {
    return i < tokens.size() ? QString("%1,\"%2\"")
                                   .arg(tokens[i].value)
                                   .arg(QString(texts.piece(tokens[i].value)).replace('"', "\"\""))
                             : QString(",");
  };
  QString text = "position,a_token,a_text,b_token,b_text\n";
  const std::size_t count = std::max(m_outcome->a.tokens.size(), m_outcome->b.tokens.size());
  for (std::size_t i = 0; i < count; ++i)
    text += QString("%1,%2,%3\n")
                .arg(i)
                .arg(cell(m_outcome->a.tokens, i), cell(m_outcome->b.tokens, i));
  return text;
}

void AbPanel::applyTheme() {
  const Theme& theme = Theme::instance();
  m_chip->setStyleSheet(QString("background: %1; color: %2; border-bottom: 2px solid %3; "
                                "padding: 0 3px;")
                            .arg(theme.color(Ink::DiffFill).name(), theme.color(Ink::Text).name(),
                                 theme.color(Ink::Pin).name()));
  update();
}

} // namespace switchyard::studio
