// Why: the parts of a Job, put together once, in the order they need one another.
#pragma once

#include <memory>
#include <string>

#include "libzel/member/membership_state.hpp"
#include "libzel/member/node_link.hpp"
#include "libzel/message/message_state.hpp"
#include "zel/membership.hpp"
#include "zel/messages.hpp"

namespace zel::detail {

class JobState {
 public:
  /// Joins over the inherited socket, or makes a job of one if there is none.
  JobState();
  ~JobState();
  JobState(const JobState&) = delete;
  JobState& operator=(const JobState&) = delete;

  int rank() const { return static_cast<int>(welcome_.rank); }
  int size() const { return static_cast<int>(welcome_.size); }
  const wire::member::Welcome& welcome() const { return welcome_; }
  MembershipState& membership() { return *membership_; }
  MessageState& messages() { return *messages_; }
  Membership& public_membership() { return *public_membership_; }
  Messages& public_messages() { return *public_messages_; }
  /// What the task layer keeps from one compute() to the next; ends before the messages do.
  std::shared_ptr<void>& task_layer() { return task_layer_; }

 private:
  void join(base::UniqueFd socket);
  void be_alone();
  void make_parts(base::UniqueFd segment);
  void answer_alone(const wire::member::ToNode& request);
  void report_paths();
  bool carry(const wire::member::ToNode& message);
  void forget_the_absent();
  void on_events(const std::vector<wire::member::Event>& events);

  wire::member::Welcome welcome_;
  std::unique_ptr<member::NodeLink> link_;
  std::shared_ptr<MembershipState> membership_;
  MessageState* messages_ = nullptr;  // owned by public_messages_
  std::unique_ptr<Membership> public_membership_;
  std::unique_ptr<Messages> public_messages_;
  std::shared_ptr<void> task_layer_;
  std::vector<bool> seen_;  // by rank: has joined; touched by the listener only
};

}  // namespace zel::detail
