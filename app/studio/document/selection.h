#pragma once

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <QObject>
#include <QString>

namespace switchyard::studio {

/// A token of the open trace (or of the live run).
struct TokenKey {
  qint64 sequence = 0;
  qint64 position = 0;
  friend auto operator<=>(const TokenKey&, const TokenKey&) = default;
};

/// An expert of the open model or trace. Layer: position in the stack, dense layers counted, as the
/// checkpoint and "L5 E19" have it.
struct ExpertKey {
  int layer = 0;
  int expert = 0;
  friend auto operator<=>(const ExpertKey&, const ExpertKey&) = default;
};

/// "L5 E19"
QString toText(const ExpertKey& expert);
/// "token 51" (sequence 0) or "sequence 3, token 51"
QString toText(const TokenKey& token);

/// What is hovered or pinned.
using Mark = std::variant<std::monostate, TokenKey, ExpertKey>;

/// Which tokens count. Every part that is set has to hold.
struct TokenFilter {
  /// [first, last) of the trace's tokens, sequence after sequence: the timeline's brush.
  std::optional<std::pair<qint64, qint64>> range{};
  std::optional<ExpertKey> routedTo{}; ///< the token chose this expert at its layer
  bool isEmpty() const { return !range && !routedTo; }
  friend bool operator==(const TokenFilter&, const TokenFilter&) = default;
};

/// How a click changes a set.
enum class SelectMode {
  Replace, ///< click
  Toggle,  ///< Ctrl+click
  Extend,  ///< Shift+click: added, never removed
};

/// The one selection of a session: token set and primary token, expert set and primary expert, the
/// pinned reference, hover, and the token filter. Views read it and repaint on its signals; each
/// signal comes only if something changed. GUI thread.
class Selection : public QObject {
  Q_OBJECT
public:
  explicit Selection(QObject* parent = nullptr) : QObject(parent) {}

  const std::vector<TokenKey>& tokens() const { return m_tokens; } ///< ascending, no duplicates
  std::optional<TokenKey> primaryToken() const { return m_primaryToken; }
  const std::vector<ExpertKey>& experts() const { return m_experts; } ///< ascending
  std::optional<ExpertKey> primaryExpert() const { return m_primaryExpert; }
  const Mark& pin() const { return m_pin; }
  const Mark& hover() const { return m_hover; }
  const TokenFilter& filter() const { return m_filter; }
  bool contains(const TokenKey& token) const;
  bool contains(const ExpertKey& expert) const;

  /// Makes it primary and puts it into the set; Toggle of a member removes it (the primary is then
  /// the last member left, if any).
  void select(const TokenKey& token, SelectMode mode = SelectMode::Replace);
  void select(const ExpertKey& expert, SelectMode mode = SelectMode::Replace);
  /// The tokens of another trace in place of the set, which they are the counterparts of. lost: the
  /// primary token in words, if it has none.
  void carryTokens(std::vector<TokenKey> tokens, std::optional<TokenKey> primary,
                   const QString& lost);
  /// The token that was primary in another trace and has no counterpart in this one, in words;
  /// empty: none. Until tokens are selected.
  const QString& lostToken() const { return m_lostToken; }
  /// The whole set at once (rectangle, brush); primary: the first one, unless the old one is in it.
  void selectTokens(std::vector<TokenKey> tokens);
  void selectExperts(std::vector<ExpertKey> experts);
  void setPin(const Mark& mark);
  /// The primary expert (or token) and the pinned one change places. No pin: nothing happens.
  void swapWithPin();
  void setHover(const Mark& mark);
  void setFilter(const TokenFilter& filter);
  /// Esc: clears hover, else the sets, else the filter. False if there was nothing to clear.
  bool escape();
  void clear(); ///< everything, for a new session

Q_SIGNALS:
  void tokensChanged();  ///< set, primary or lost one
  void expertsChanged(); ///< set or primary
  void pinChanged();
  void hoverChanged();
  void filterChanged();

private:
  std::vector<TokenKey> m_tokens;
  std::optional<TokenKey> m_primaryToken;
  QString m_lostToken;
  std::vector<ExpertKey> m_experts;
  std::optional<ExpertKey> m_primaryExpert;
  Mark m_pin;
  Mark m_hover;
  TokenFilter m_filter;
};

} // namespace switchyard::studio
