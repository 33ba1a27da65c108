#include "app/studio/live/text_keeper.h"

#include <utility>

#include "app/studio/live/kept_text.h"

namespace switchyard::studio {

namespace {
constexpr int kEveryMs = 1000;
}

TextKeeper::TextKeeper(Player& player, QString path, QObject* parent)
    : QObject(parent), m_player(player), m_file(std::move(path)) {
  m_timer.setSingleShot(true);
  m_timer.setInterval(kEveryMs);
  connect(&m_timer, &QTimer::timeout, this, &TextKeeper::write);
  connect(&player, &Player::reelChanged, this, [this] {
    if (m_player.isGenerating() && m_player.source() == PlaySource::Live &&
        m_player.shareReel() != m_reel)
      begin();
  });
  connect(&player, &Player::advanced, this, [this] {
    if (m_file.isOpen() && !m_timer.isActive() && m_player.shareReel() == m_reel)
      m_timer.start();
  });
  connect(&player, &Player::ended, this, &TextKeeper::write);
}

void TextKeeper::begin() {
  m_file.close();
  m_reel = m_player.shareReel();
  m_written = 0;
  m_holds = m_file.open(QIODevice::WriteOnly | QIODevice::Truncate | QIODevice::Unbuffered);
  std::string text = keptHead(m_reel->request);
  if (!m_reel->request.generate.forced.empty())
    text += keptLine(m_reel->request.generate.forced);
  append(text);
  if (m_holds)
    Q_EMIT begun();
}

void TextKeeper::write() {
  m_timer.stop();
  if (!m_file.isOpen() || m_player.shareReel() != m_reel)
    return;
  const std::vector<base::TokenId> tokens = m_reel->chosen->from(m_written);
  m_written += tokens.size();
  if (!tokens.empty())
    append(keptLine(tokens));
}

void TextKeeper::append(const std::string& text) {
  const auto size = static_cast<qint64>(text.size());
  if (m_file.isOpen() && m_file.write(text.data(), size) == size)
    return;
  const QString why = m_file.errorString();
  m_file.close();
  Q_EMIT failed(
      {base::ErrorCode::Io,
       why.toStdString(),
       {.file = m_file.fileName().toStdString(), .tensor = {}, .layer = {}, .token = {}}});
}

void TextKeeper::adopt(const QString& path) {
  discard();
  m_holds = QFile::rename(path, m_file.fileName());
}

void TextKeeper::release() {
  if (!m_reel || m_player.isGenerating() || (!m_reel->trace && m_player.shareReel() == m_reel))
    return;
  discard();
}

void TextKeeper::discard() {
  m_timer.stop();
  m_file.close();
  m_reel.reset();
  m_file.remove();
  m_holds = false;
}

} // namespace switchyard::studio
