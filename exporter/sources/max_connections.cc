#include "exporter/sources/max_connections.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "exporter/files/files.h"
#include "exporter/model/error_kind.h"

namespace chatscale {

namespace {

using SteadyClock = std::chrono::steady_clock;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Finish>;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

struct Limits {
  SteadyClock::time_point deadline;
  std::stop_token stop;
};

// Replaces a message that repeats the password.
absl::Status Failure(ErrorKind kind, const PostgresOptions& address, std::string_view what,
                     std::string_view password = "") {
  constexpr std::size_t kMostText = 200;
  what = what.substr(0, std::min(what.find('\n'), kMostText));
  if (!password.empty() && what.find(password.substr(0, 8)) != what.npos) what = "refused";
  return KindError(kind, absl::StrCat("PostgreSQL at ", address.host, ":", address.port, ": ",
                                      absl::string_view(what.data(), what.size())));
}

absl::StatusOr<std::string> PasswordOf(const PostgresOptions& address) {
  if (address.password_file.empty()) return address.password;
  absl::StatusOr<std::string> password = ReadSecretFile(address.password_file);
  if (!password.ok()) {
    return Failure(ErrorKind::kAuth, address, std::string(password.status().message()));
  }
  return password;
}

// Waits for `events`; false after the deadline or a stop request.
bool Await(PGconn* connection, short events, const Limits& limits) {
  constexpr long kSliceMs = 100;  // latency of a stop request
  while (!limits.stop.stop_requested()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(limits.deadline - SteadyClock::now());
    if (left.count() <= 0) return false;
    pollfd descriptor{.fd = PQsocket(connection), .events = events, .revents = 0};
    if (poll(&descriptor, 1, static_cast<int>(std::min(left.count(), kSliceMs))) > 0) return true;
  }
  return false;
}

// Bounds the bytes of the server's reply, one number. Counts what libpq reads before it does.
class Allowance {
 public:
  // False: the bound is exceeded.
  bool Take(PGconn* connection) {
    int waiting = 0;
    if (::ioctl(PQsocket(connection), FIONREAD, &waiting) == 0) bytes_ += waiting;
    return ++reads_ <= kMostReads && bytes_ <= kMostBytes;
  }

 private:
  static constexpr int kMostReads = 200;
  static constexpr std::int64_t kMostBytes = 256 * 1024;
  int reads_ = 0;
  std::int64_t bytes_ = 0;
};

// Without it libpq writes notices to standard error.
void DropNotice(void*, const char*) {}

absl::StatusOr<Connection> Connect(const PostgresOptions& address, const Limits& limits,
                                   Allowance& allowance) {
  const auto password = PasswordOf(address);
  if (!password.ok()) return password.status();
  const std::string port = std::to_string(address.port);
  const std::array names = {"host",
                            "port",
                            "user",
                            "password",
                            "dbname",
                            "sslmode",
                            "application_name",
                            static_cast<const char*>(nullptr)};
  const std::array values = {address.host.c_str(),
                             port.c_str(),
                             address.user.c_str(),
                             password->c_str(),
                             address.database.c_str(),
                             address.require_tls ? "require" : "prefer",
                             "chatscale",
                             static_cast<const char*>(nullptr)};
  Connection connection(PQconnectStartParams(names.data(), values.data(), 0));
  if (!connection) return Failure(ErrorKind::kConnect, address, "out of memory");
  if (PQstatus(connection.get()) == CONNECTION_BAD) {
    return Failure(ErrorKind::kConnect, address, PQerrorMessage(connection.get()));
  }
  PQsetNoticeProcessor(connection.get(), DropNotice, nullptr);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!Await(connection.get(), events, limits)) {
      return Failure(ErrorKind::kTimeout, address, "no connection in time");
    }
    if (!allowance.Take(connection.get())) {
      return Failure(ErrorKind::kTooLarge, address, "too much for a login");
    }
    state = PQconnectPoll(connection.get());
    if (state == PGRES_POLLING_FAILED) {
      return Failure(ErrorKind::kConnect, address, PQerrorMessage(connection.get()), *password);
    }
  }
  return connection;
}

}  // namespace

absl::StatusOr<std::int64_t> QueryMaxConnections(const PostgresOptions& address,
                                                 absl::Duration timeout, std::stop_token stop) {
  const Limits limits{SteadyClock::now() + absl::ToChronoNanoseconds(timeout), std::move(stop)};
  Allowance allowance;
  auto connection = Connect(address, limits, allowance);
  if (!connection.ok()) return connection.status();
  PGconn* raw = connection->get();
  if (PQsendQuery(raw, "SHOW max_connections") == 0) {
    return Failure(ErrorKind::kConnect, address, "closed");
  }
  while (PQisBusy(raw) != 0) {
    if (!Await(raw, POLLIN, limits))
      return Failure(ErrorKind::kTimeout, address, "no response in time");
    if (!allowance.Take(raw))
      return Failure(ErrorKind::kTooLarge, address, "too much for a number");
    if (PQconsumeInput(raw) == 0) return Failure(ErrorKind::kConnect, address, "closed");
  }
  const Result result(PQgetResult(raw));
  std::int64_t value = 0;
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK || PQntuples(result.get()) != 1 ||
      PQnfields(result.get()) != 1 || !absl::SimpleAtoi(PQgetvalue(result.get(), 0, 0), &value) ||
      value <= 0) {
    return Failure(ErrorKind::kProtocol, address, "SHOW max_connections gave no number");
  }
  return value;
}

PostgresMaxConnections::PostgresMaxConnections(PostgresOptions address, PostgresPolling polling,
                                               std::function<void(const absl::Status&)> on_change)
    : address_(std::move(address)),
      polling_(polling),
      on_change_(std::move(on_change)),
      thread_([this](const std::stop_token& stop) { Poll(stop); }) {}

void PostgresMaxConnections::Poll(const std::stop_token& stop) {
  bool failing = false;
  while (!stop.stop_requested()) {
    querying_ = true;
    const auto response = QueryMaxConnections(address_, polling_.timeout, stop);
    querying_ = false;
    if (response.ok() == failing && !stop.stop_requested()) {
      failing = !response.ok();
      if (on_change_) on_change_(response.status());
    }
    std::unique_lock lock(mutex_);
    status_ = response.status();
    if (response.ok()) {
      value_ = *response;
      confirmed_ = std::chrono::steady_clock::now();
    }
    const absl::Duration pause = response.ok() ? polling_.interval : polling_.retry;
    wake_.wait_for(lock, stop, absl::ToChronoNanoseconds(pause), [] { return false; });
  }
}

std::optional<std::int64_t> PostgresMaxConnections::Current() const {
  const std::scoped_lock lock(mutex_);
  const auto age = std::chrono::steady_clock::now() - confirmed_;
  if (!value_ || age > absl::ToChronoNanoseconds(polling_.keep)) return std::nullopt;
  return value_;
}

absl::Status PostgresMaxConnections::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

}  // namespace chatscale
