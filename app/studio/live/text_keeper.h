#pragma once

#include <memory>

#include <QFile>
#include <QObject>
#include <QTimer>

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// Keeps the text that is being generated in a file (kept_text.h): how it was asked for when it
/// begins, and once a second the tokens that came since. A program that ends without a word loses
/// the last second; nothing is forced to the disk for a power cut. GUI thread: a write is a few
/// hundred bytes.
class TextKeeper : public QObject {
  Q_OBJECT
public:
  /// Borrows the player.
  TextKeeper(Player& player, QString path, QObject* parent = nullptr);

  /// Whether the file holds a text.
  bool holds() const { return m_holds; }
  /// Takes over the file of a run that crashed: it stays until its text is generated again.
  void adopt(const QString& path);
  /// Deletes the file if its text is no longer being made: a session names its recording, or nobody
  /// wants it. A text whose recording failed stays.
  void release();
  /// Deletes it in any case.
  void discard();

Q_SIGNALS:
  void begun();                                      ///< the file holds a new text
  void failed(const switchyard::base::Error& error); ///< once for each text

private:
  void begin();
  void write();
  void append(const std::string& text);

  Player& m_player;
  QFile m_file;
  std::shared_ptr<Reel> m_reel; ///< of the file
  std::size_t m_written = 0;    ///< chosen tokens that are in the file
  bool m_holds = false;
  QTimer m_timer;
};

} // namespace switchyard::studio
