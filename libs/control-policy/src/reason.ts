/** Why something is allowed or denied. Closed sets; callers and tests look at these only. */

export const allowReasons = [
  /** The policy allows it. */
  'allowed',
  /** The policy does not, the host does for now. */
  'allowed_by_approval',
] as const;
export type AllowReason = (typeof allowReasons)[number];

export const denyReasons = [
  /** What was given as policy is none that `checkPolicy` or `parsePolicy` judged. */
  'policy_not_checked',
  'context_malformed',
  /** No kind of action that is known. */
  'action_unknown',
  /** A member is missing, unsound, not in its one spelling, or one too many. */
  'action_malformed',
  /** The session's header names another policy: the session is void. */
  'policy_mismatch',
  /** Now is before the start, or the last input is not between them. */
  'times_reversed',
  'session_too_long',
  'session_idle',
  'outside_window',
  /** The policy says no to this kind of thing. */
  'toggle_off',
  'rate_exceeded',
  'key_blocked',
  'key_not_allowed',
  'too_large',
  'type_not_allowed',
  'folder_not_allowed',
  'extension_not_allowed',
  'replacing_not_allowed',
  'too_many_files',
  /** A rule for this target says no. */
  'resource_denied',
  /** No rule speaks for this target. */
  'no_rule',
  /** Something failed inside; nothing is known of the action. */
  'evaluation_error',
] as const;
export type DenyReason = (typeof denyReasons)[number];

export type Reason = AllowReason | DenyReason;
