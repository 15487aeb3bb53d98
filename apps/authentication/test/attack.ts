import type { RefusalReason } from '../src/domain/refusal.ts';
import type { Person, World } from './world.ts';

export interface SignIn {
  readonly message: string;
  readonly signature: string;
}

/** A victim with a good challenge and a good signature of it; the attack makes something else of them. */
export interface Scene extends SignIn {
  readonly world: World;
  readonly victim: Person;
  readonly attacker: Person;
}

export interface Attack {
  readonly name: string;
  readonly reason: RefusalReason;
  make(scene: Scene): Promise<SignIn> | SignIn;
}
