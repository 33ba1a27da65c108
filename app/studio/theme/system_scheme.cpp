#include "app/studio/theme/system_scheme.h"

#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>

namespace switchyard::studio {

namespace {

constexpr const char* kPath = "/org/freedesktop/portal/desktop";
constexpr const char* kInterface = "org.freedesktop.portal.Settings";
constexpr const char* kSpace = "org.freedesktop.appearance";
constexpr const char* kKey = "color-scheme";

Shade shadeOf(const QPalette& palette) {
  return palette.color(QPalette::Window).lightness() < 128 ? Shade::Dark : Shade::Light;
}

} // namespace

SystemScheme::SystemScheme(const QPalette& palette, QObject* parent)
    : QObject(parent), m_palette(shadeOf(palette)) {}

void SystemScheme::takePalette(const QPalette& palette) {
  const Shade before = shade();
  m_palette = shadeOf(palette);
  if (shade() != before)
    Q_EMIT changed();
}

void SystemScheme::listenToSession() {
  const bool there = !qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS") ||
                     QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + "/bus");
  if (there)
    listen(QDBusConnection::sessionBus(), "org.freedesktop.portal.Desktop");
}

void SystemScheme::listen(const QDBusConnection& bus, const QString& service) {
  QDBusConnection connection = bus;
  if (!connection.isConnected())
    return;
  connection.connect(service, kPath, kInterface, "SettingChanged", this,
                     SLOT(onSettingChanged(QDBusMessage)));
  QDBusMessage question = QDBusMessage::createMethodCall(service, kPath, kInterface, "Read");
  question << QString(kSpace) << QString(kKey);
  auto* answer = new QDBusPendingCallWatcher(connection.asyncCall(question), this);
  connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer] {
    const QDBusPendingReply<QDBusVariant> reply = *answer;
    if (!reply.isError())
      setPortal(reply.value().variant());
    answer->deleteLater();
  });
}

void SystemScheme::onSettingChanged(const QDBusMessage& message) {
  const QList<QVariant> parts = message.arguments(); // namespace, key, value
  if (parts.size() == 3 && parts[0].toString() == kSpace && parts[1].toString() == kKey)
    setPortal(parts[2]);
}

void SystemScheme::setPortal(const QVariant& value) {
  QVariant inner = value; // Read() wraps it twice
  while (inner.canConvert<QDBusVariant>())
    inner = inner.value<QDBusVariant>().variant();
  const Shade before = shade();
  const uint asked = inner.toUInt(); // 1: dark, 2: light, else no preference
  m_portal = asked == 1   ? std::optional(Shade::Dark)
             : asked == 2 ? std::optional(Shade::Light)
                          : std::nullopt;
  if (shade() != before)
    Q_EMIT changed();
}

} // namespace switchyard::studio
