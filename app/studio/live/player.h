#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include "app/studio/live/session_thread.h"
#include "app/studio/live/token_metric.h"
#include "app/studio/live/token_texts.h"
#include "app/studio/live/track.h"
#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

enum class PlayState {
  Empty,   ///< nothing to show
  Loading, ///< weights or rows are being read
  Playing,
  Paused,
  Finished, ///< at the end of what was generated or recorded
};

enum class PlaySource { None, Live, Replay };

/// How text is generated next.
struct LiveSettings {
  QString prompt;
  double rate = 0; ///< tokens per second; 0: as fast as they come
  jobs::GenerateOptions generate{};
  jobs::DecoderRequest decoder{};
  bool useRecipe = true; ///< the session's current recipe, if there is one
};

/// The file of a generation: it goes with the last one who may show it, unless it is kept.
class LiveFile {
public:
  explicit LiveFile(QString path) : m_path(std::move(path)) {}
  ~LiveFile();
  LiveFile(const LiveFile&) = delete;
  LiveFile& operator=(const LiveFile&) = delete;
  const QString& path() const { return m_path; }
  void keep(bool kept) { m_kept = kept; }

private:
  QString m_path;
  bool m_kept = false;
};

/// Tokens of one generation or of one window of a trace, and where they come from. Shared, so that
/// undo can show an earlier one again.
struct Reel {
  PlaySource source = PlaySource::None;
  Track track;
  TokenTexts texts;
  std::int64_t sequence = 0; ///< of the trace; 0 for a live run
  std::int64_t total = 0;    ///< tokens of the sequence, or at most generated
  std::int64_t before = -1;  ///< replay: routed tokens of the trace before this sequence
  QString title;             ///< "live", or the sequence's id
  // live
  LiveRequest request{};
  std::shared_ptr<const ChosenTokens> chosen{}; ///< behind the forced ones, as they come
  std::vector<base::TokenId> generated{};
  std::optional<jobs::StopReason> ended{};
  std::shared_ptr<LiveFile> file{};
  std::shared_ptr<const trace::Trace> trace{}; ///< recorded, or replayed
  ItemKey item = 0;                            ///< of the replayed trace
};

/// Generates and replays: owns the session's thread, takes the newest routing once a frame, and
/// says what the live views show. One per workbench. GUI thread.
class Player : public QObject {
  Q_OBJECT
public:
  /// The workbench's player, made on first use.
  static Player& of(Workbench& workbench);

  PlayState state() const { return m_state; }
  PlaySource source() const { return m_reel ? m_reel->source : PlaySource::None; }
  const Reel* reel() const { return m_reel.get(); }
  const Track* track() const { return m_reel ? &m_reel->track : nullptr; }
  const TokenTexts& texts() const;
  /// Position of the token whose routing is shown: the primary token if it is one of the track,
  /// else the newest (live) or the one that plays (replay). -1: none.
  std::int64_t shown() const;
  /// Text is being generated (also while it is paused), or a trace plays.
  bool isGenerating() const { return m_ticket != nullptr; } ///< until its recording is finished
  bool isRunning() const { return m_ticket || m_state == PlayState::Playing; }
  bool followsEnd() const;                         ///< no token is selected by hand
  std::int64_t cursor() const { return m_cursor; } ///< the newest or playing token
  std::int64_t dropped() const;
  /// How a metric is coloured in strip and raster: as designed, or as the user changed it.
  ColorDomain scaleOf(TokenMetric metric) const;
  const std::map<TokenMetric, ColorDomain>& changedScales() const { return m_scales; }
  void setScale(TokenMetric metric,
                const std::optional<ColorDomain>& scale); ///< nothing: as designed
  const ExpertScores* npmi() const { return m_npmi.values.empty() ? nullptr : &m_npmi; }

  LiveSettings& settings() { return m_settings; }
  void setRate(double tokensPerSecond);
  void setSettings(const LiveSettings& settings);

  /// Continues the prompt with the session's current model, decoder and recipe.
  void generate(const QString& prompt, bool paused = false);
  /// Runs a text that was cut off up to its last forced token, and pauses there. Its model is the
  /// session's of that folder.
  void goOn(const LiveRequest& request);
  void play(); ///< goes on, or begins
  void pause();
  void togglePlay();
  void step();
  void stop();
  /// Another token behind the one at `position`: generates again from there on. Undoable.
  void branch(std::int64_t position, std::int32_t token);
  /// Shows a sequence of a trace from `position` on.
  void replay(ItemKey trace, std::int64_t sequence, std::int64_t position = 0);
  /// Shows a former reel again (undo).
  void showReel(const std::shared_ptr<Reel>& reel);
  std::shared_ptr<Reel> shareReel() const { return m_reel; }
  /// The last text of the same prompt with another recipe, to compare with; null: none.
  const Reel* other() const { return m_other.get(); }
  /// A replay's counterpart in a trace that is compared with it; null: none.
  void setOther(std::shared_ptr<Reel> reel) {
    m_other = std::move(reel);
    Q_EMIT advanced();
  }

  /// The token filter lets this token of the track through. A brush counts for live text, whose
  /// tokens are a trace's of their own, and for a replay of the current trace; an expert for all.
  bool passes(std::int64_t position) const;
  TokenKey keyOf(std::int64_t position) const;
  /// Position on the track; nothing for a token of another sequence.
  std::optional<std::int64_t> positionOf(const TokenKey& key) const;
  /// Selects a token by hand (the yard then shows it).
  void select(std::int64_t position, SelectMode mode = SelectMode::Replace);
  ExpertKey expertKey(int moeLayer, int expert) const;
  int moeLayerOf(int stackLayer) const; ///< -1: dense or unknown
  QString commandLine() const;          ///< that makes what is shown

Q_SIGNALS:
  void advanced(); ///< tokens arrived or the replay moved: at most once a frame
  void stateChanged();
  void ended();         ///< the newest generation, with what it recorded
  void reelChanged();   ///< another track
  void branchStepped(); ///< a branch was undone or redone
  void settingsChanged();
  void scalesChanged();

private:
  explicit Player(Workbench& workbench);
  void sayNoModel();
  void load(ItemKey model, const LiveRequest& request, bool paused);
  void begin(const LiveRequest& request, bool paused, std::shared_ptr<const LoadedModel> model);
  void onStarted(const std::shared_ptr<LiveTicket>& ticket, const LiveStart& start);
  void onFinished(const std::shared_ptr<LiveTicket>& ticket, base::Result<LiveOutcome>& outcome);
  void onFrame();
  void frameLive();
  void frameReplay();
  void keepTrace(Reel& reel);
  /// Where a token of the track lies among those that a brush counts; nothing: it counts others.
  std::optional<std::int64_t> placeInBrush(std::int64_t position) const;
  void loadWindow(std::int64_t position);
  void setState(PlayState state);
  void setReel(std::shared_ptr<Reel> reel);
  void updateNpmi();
  void tellActivity(); ///< to the status bar, ten times a second at most

  Workbench& m_workbench;
  LiveSettings m_settings;
  PlayState m_state = PlayState::Empty;
  std::shared_ptr<Reel> m_reel;
  std::shared_ptr<Reel> m_coming; ///< requested, not started yet
  std::shared_ptr<Reel> m_other;
  std::shared_ptr<LiveTicket> m_ticket; ///< of the newest generation, until it ends
  std::map<const LiveTicket*, std::weak_ptr<Reel>> m_runs; ///< that have not ended
  std::shared_ptr<RoutingFeed> m_feed;
  std::int64_t m_cursor = -1;
  bool m_playAfterLoad = false;
  ItemKey m_liveItem = 0;
  std::shared_ptr<LiveFile> m_kept; ///< of the live item: the session may name it
  ExpertScores m_npmi;
  std::map<TokenMetric, ColorDomain> m_scales;
  double m_told = 0; ///< ms of m_clock
  QElapsedTimer m_clock;
  double m_due = 0; ///< replay: ms of m_clock when the next token is due
  QTimer m_frame;
  base::ThreadContext m_threads;
  SessionThread m_thread; ///< last: ends first
};

} // namespace switchyard::studio
